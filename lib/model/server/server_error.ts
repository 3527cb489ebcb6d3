/** What a failed call to an inference server means: pass it on, give the item up, or stop. */
import { messageOf, ModelError } from "../../core/errors.ts";
import { retryAfterOf } from "../retry_after.ts";

/** The server itself does not answer: what it was doing goes to another one. */
export class ServerDown extends ModelError {
  override name = "ServerDown";
  constructor(message: string, options: { cause?: unknown } = {}) {
    super("retry", message, options);
  }
}

/** A connection that failed, told by its cause in a word or two. */
export function connectionError(url: string, error: unknown): ServerDown {
  const text = wholeMessage(error);
  const known = /connection refused|connection reset|connection closed|timed out|dns error/i;
  const reason = known.exec(text)?.[0].toLowerCase() ??
    (/before message completed|unexpected eof|incomplete|body/i.test(text)
      ? "connection closed"
      : text);
  return new ServerDown(`${url}: ${reason}`, { cause: error });
}

/** The messages of an error and its causes: `fetch failed` alone says nothing. */
function wholeMessage(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${wholeMessage(cause)}`;
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
  const detail = `${url}: ${status} ${saying(body)}`;
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
  if (status === 408 || status >= 500) return new ModelError("retry", detail);
  return new ModelError("fatal", detail);
}

function isOverflow(status: number, body: string): boolean {
  if (status !== 400 && status !== 413 && status !== 422 && status !== 500) return false;
  return /exceed_context_size|context (length|size|window)|must have less than \d+ tokens/i
    .test(body);
}

/** The message in an error's body, whichever of the usual places it stands in, on one line. */
function saying(body: string): string {
  let text = body;
  try {
    const json = JSON.parse(body);
    const found = json?.error?.message ?? json?.error ?? json?.message ?? json?.detail;
    if (found !== undefined) text = typeof found === "string" ? found : JSON.stringify(found);
  } catch { /* the body is not JSON: shown as it is */ }
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
