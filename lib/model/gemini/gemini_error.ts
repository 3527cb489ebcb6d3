/** The Gemini SDKs' errors, sorted by what can be done about them. */
import { parseDuration } from "../../core/duration.ts";
import { messageOf, ModelError } from "../../core/errors.ts";
import { jsonValue } from "../../core/json_value.ts";
import { providerError } from "../provider_error.ts";
import { boundedWait } from "../retry_after.ts";

/** What is known of a call besides its error. */
export interface GeminiErrorContext {
  model: string;
  key: string | undefined;
  /** What the headers said; RetryInfo goes before it. */
  retryAfterMs: number | undefined;
}

/** Turns whatever an SDK threw into a `ModelError`. */
export function geminiError(error: unknown, context: GeminiErrorContext): ModelError {
  if (error instanceof ModelError) return error;
  const { retryAfterMs, ...rest } = context;
  const common = { ...rest, keyName: "GEMINI_API_KEY", cause: error };
  const { status, message, details } = partsOf(error);
  const detail = (type: string) =>
    details.find((entry) => String(entry["@type"]).endsWith(`.${type}`));
  const reason = detail("ErrorInfo")?.reason;
  const delay = detail("RetryInfo")?.retryDelay;
  const asked = typeof delay === "string" ? parseDuration(delay) : undefined;
  const violations = detail("QuotaFailure")?.violations;
  const badKey = reason === "API_KEY_INVALID" || reason === "API_KEY_SERVICE_BLOCKED";
  return providerError({
    ...common,
    status: badKey ? 401 : status,
    code: isDaily(violations) ? "quota_exhausted" : typeof reason === "string" ? reason : undefined,
    message,
    retryAfterMs: (asked === undefined ? undefined : boundedWait(asked)) ?? retryAfterMs,
  });
}

type Details = Record<string, unknown>[];

/** `@google/generative-ai` takes an error's body apart; `@google/genai` has it as its message. */
function partsOf(error: unknown): { status?: number; message: string; details: Details } {
  const { status, errorDetails } = error as { status?: unknown; errorDetails?: unknown };
  const text = messageOf(error);
  if (typeof status !== "number") return { message: withoutPrefix(text), details: [] };
  if (Array.isArray(errorDetails)) {
    // The older SDK puts the details behind the words, as JSON.
    const words = text.split(' [{"@type"', 1)[0]!;
    return { status, message: withoutPrefix(words), details: errorDetails };
  }
  const { error: body } = (jsonValue(text) ?? {}) as { error?: Record<string, unknown> };
  const message = typeof body?.message === "string" ? body.message : withoutPrefix(text);
  return { status, message, details: Array.isArray(body?.details) ? body.details : [] };
}

/** Quotas a day do not come back while a run waits. */
function isDaily(violations: unknown): boolean {
  return Array.isArray(violations) &&
    violations.some((one) => /PerDay/.test(String((one as Record<string, unknown>)?.quotaId)));
}

/** The older SDK puts its name, the address and the status before the provider's words. */
function withoutPrefix(message: string): string {
  return message.replace(/^\[GoogleGenerativeAI Error\]: /, "")
    .replace(/^Error fetching from \S+: /, "").replace(/^\[\d{3} [^\]]*\] /, "");
}
