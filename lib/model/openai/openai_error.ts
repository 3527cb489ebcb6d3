/** The OpenAI SDK's errors, sorted by what can be done about them. */
import { APIConnectionError, APIError } from "openai";
import { messageOf, ModelError } from "../../core/errors.ts";
import { guardError } from "../call/guarded_fetch.ts";
import { providerError } from "../provider_error.ts";
import { retryAfterOf } from "../retry_after.ts";

/** What is known of a call besides its error. */
export interface OpenaiErrorContext {
  model: string;
  /** Milliseconds since the epoch, for Retry-After dates. */
  now: number;
  key: string | undefined;
  /** Default OPENAI_API_KEY. */
  keyName?: string;
}

/** Turns whatever the SDK threw into a `ModelError`. */
export function openaiError(error: unknown, context: OpenaiErrorContext): ModelError {
  const known = guardError(error);
  if (known) return known;
  const { model, now, key, keyName = "OPENAI_API_KEY" } = context;
  const common = { provider: "openai", keyName, key, model, cause: error };
  if (error instanceof APIError && !(error instanceof APIConnectionError)) {
    return providerError({
      ...common,
      status: error.status as number | undefined,
      code: error.code ?? error.type ?? undefined,
      message: error.message.replace(/^\d{3} /, ""),
      retryAfterMs: retryAfterOf(error.headers as Headers | undefined, now),
    });
  }
  return providerError({
    ...common,
    status: undefined,
    code: undefined,
    message: messageOf(error),
    retryAfterMs: undefined,
  });
}
