/** The Gemini SDK's errors, sorted by what can be done about them. */
import { GoogleGenerativeAIFetchError } from "@google/generative-ai";
import { parseDuration } from "../../core/duration.ts";
import { messageOf, ModelError } from "../../core/errors.ts";
import { providerError } from "../provider_error.ts";

/**
 * Turns whatever the SDK threw into a `ModelError`. The wait is what RetryInfo says, else what the
 * headers said.
 */
export function geminiError(
  error: unknown,
  model: string,
  retryAfterMs: number | undefined,
): ModelError {
  if (error instanceof ModelError) return error;
  const common = { provider: "gemini", keyName: "GEMINI_API_KEY", model, cause: error };
  if (!(error instanceof GoogleGenerativeAIFetchError)) {
    return providerError({
      ...common,
      status: undefined,
      code: undefined,
      message: withoutPrefix(messageOf(error)),
      retryAfterMs,
    });
  }
  const details = (error.errorDetails ?? []) as Record<string, unknown>[];
  const detail = (type: string) =>
    details.find((entry) => String(entry["@type"]).endsWith(`.${type}`));
  const reason = detail("ErrorInfo")?.reason;
  const delay = detail("RetryInfo")?.retryDelay;
  const violations = detail("QuotaFailure")?.violations;
  const badKey = reason === "API_KEY_INVALID" || reason === "API_KEY_SERVICE_BLOCKED";
  return providerError({
    ...common,
    status: badKey ? 401 : error.status,
    code: isDaily(violations) ? "quota_exhausted" : typeof reason === "string" ? reason : undefined,
    message: withoutPrefix(messageOf(error)),
    retryAfterMs: (typeof delay === "string" ? parseDuration(delay) : undefined) ?? retryAfterMs,
  });
}

/** Quotas a day do not come back while a run waits. */
function isDaily(violations: unknown): boolean {
  return Array.isArray(violations) &&
    violations.some((one) => /PerDay/.test(String((one as Record<string, unknown>)?.quotaId)));
}

/** The SDK puts its name, the address and the status before the provider's words. */
function withoutPrefix(message: string): string {
  return message.replace(/^\[GoogleGenerativeAI Error\]: /, "")
    .replace(/^Error fetching from \S+: /, "").replace(/^\[\d{3} [^\]]*\] /, "");
}
