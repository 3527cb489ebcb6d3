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
  const api = error instanceof APIError && !(error instanceof APIConnectionError)
    ? error
    : undefined;
  return providerError({
    keyName,
    key,
    model,
    status: api?.status as number | undefined,
    code: api?.code ?? api?.type ?? undefined,
    message: api ? api.message.replace(/^\d{3} /, "") : messageOf(error),
    retryAfterMs: retryAfterOf(api?.headers as Headers | undefined, now),
    cause: error,
  });
}
