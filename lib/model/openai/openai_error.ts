/** The OpenAI SDK's errors, sorted by what can be done about them. */
import { APIConnectionError, APIError } from "openai";
import { messageOf, ModelError } from "../../core/errors.ts";
import { providerError } from "../provider_error.ts";
import { retryAfterOf } from "../retry_after.ts";

/** Turns whatever the SDK threw into a `ModelError`. */
export function openaiError(error: unknown, model: string, now: number): ModelError {
  if (error instanceof ModelError) return error;
  const common = { provider: "openai", keyName: "OPENAI_API_KEY", model, cause: error };
  if (error instanceof APIError && !(error instanceof APIConnectionError)) {
    const code = error.code ?? error.type ?? undefined;
    return providerError({
      ...common,
      status: error.status as number | undefined,
      code: code === null ? undefined : code,
      message: error.message.replace(/^\d{3} /, ""),
      retryAfterMs: retryAfterOf(error.headers as Headers | undefined, now),
    });
  }
  const cause = error instanceof Error && error.cause !== undefined
    ? `: ${messageOf(error.cause)}`
    : "";
  return providerError({
    ...common,
    status: undefined,
    code: undefined,
    message: messageOf(error) + cause,
    retryAfterMs: undefined,
  });
}

/** Parameters that reasoning models refuse; they are left out once the provider has said so. */
const OPTIONAL = ["temperature", "top_p", "seed", "max_tokens"] as const;
export type OptionalParameter = (typeof OPTIONAL)[number];

/** The parameter that a model refuses as such, where the error says so. */
export function refusedParameter(error: unknown): OptionalParameter | undefined {
  if (!(error instanceof APIError) || error.status !== 400) return undefined;
  const unsupported = error.code === "unsupported_parameter" ||
    error.code === "unsupported_value" ||
    /unsupported (?:parameter|value)|not supported with this model/i.test(error.message);
  return unsupported ? OPTIONAL.find((name) => name === error.param) : undefined;
}
