/** What a failed call to an inference server means: pass it on, give the item up, or stop. */
import { ModelError } from "../../core/errors.ts";
import { connectionWords } from "../call/connection_words.ts";
import { guardError } from "../call/guarded_fetch.ts";
import { serverWords } from "../call/server_words.ts";
import { retryAfterOf } from "../retry_after.ts";

/** The server itself does not answer: what it was doing goes to another one. */
export class ServerDown extends ModelError {
  override name = "ServerDown";
  constructor(message: string, options: { cause?: unknown } = {}) {
    super("retry", message, options);
  }
}

/**
 * What a request without a whole reply means: a guard's refusal as it is, else a connection that
 * failed, told by its cause in a word or two.
 */
export function connectionError(url: string, error: unknown): ModelError {
  const guard = guardError(error);
  if (!guard) return new ServerDown(`${url}: ${connectionWords(error)}`, { cause: error });
  const { kind, message, reason } = guard;
  return message.startsWith(url) ? guard : new ModelError(kind, `${url}: ${message}`, { reason });
}

/**
 * A reply of status 400 or more, by what can be done about it.
 *
 * The sayings of context overflow are those of vLLM 0.32, llama.cpp's server, llama-cpp-python,
 * SGLang and TEI. A 400 that says nothing of the kind is `fatal`: the same parameters go with
 * every item.
 */
export function serverError(
  url: string,
  status: number,
  headers: Headers,
  body: string,
): ModelError {
  const detail = `${url}: ${status} ${serverWords(body)}`;
  if (status === 429) {
    return new ModelError("retry", detail, {
      retryAfterMs: retryAfterOf(headers, Date.now()),
      throttled: true,
    });
  }
  if (status === 502 || status === 503 || status === 504) return new ServerDown(detail);
  if (status >= 500 && /engine.*(dead|died|stopped)|shut.?down/i.test(body)) {
    return new ServerDown(detail);
  }
  if (isOverflow(status, body)) {
    return new ModelError("reject", detail, { reason: "context_overflow" });
  }
  // 424: TEI's word for a failure of its backend.
  if (status === 408 || status === 424 || status >= 500) return new ModelError("retry", detail);
  return new ModelError("fatal", detail);
}

function isOverflow(status: number, body: string): boolean {
  if (status !== 400 && status !== 413 && status !== 422 && status !== 500) return false;
  return /exceed_context_size|context (length|size|window)|must have less than \d+ (tokens|characters)/i
    .test(body);
}
