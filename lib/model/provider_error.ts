/** What a failed HTTP call means for the run, for every provider that is paid by key. */
import { ModelError } from "../core/errors.ts";
import { connectionWords, failedAddress } from "./call/connection_words.ts";
import { serverWords } from "./call/server_words.ts";
import { withholdKey } from "./withhold_key.ts";

/** A failed call, taken out of an SDK's own error. */
export interface ProviderFailure {
  /** The environment variable that holds the key. */
  keyName: string;
  model: string;
  /** The HTTP status; undefined where no reply came. */
  status: number | undefined;
  /** The provider's own word for it, where it has one. */
  code: string | undefined;
  message: string;
  /** Withheld from all that is said. */
  key: string | undefined;
  retryAfterMs: number | undefined;
  cause: unknown;
}

const OVERFLOW =
  /context[ _]length|context window|maximum context|too many (?:input )?tokens|input token count|prompt is too long|exceeds? the (?:maximum|model)|^request too large/i;
const NO_QUOTA = /^(?:insufficient_quota|billing_\w+|account_deactivated|quota_exhausted)$/;
/** Words for what a provider will not answer, however often it is asked. */
export const BLOCKED = /^(?:content_filter|invalid_prompt|\w*policy\w*)$/;

/**
 * Sorts a failure: a wrong key, no quota or an unknown model end the run; limits, overload and
 * broken connections may pass; the rest is this prompt's own.
 */
export function providerError(failure: ProviderFailure): ModelError {
  const { keyName, key, model, status, cause, retryAfterMs } = failure;
  // Withheld before anything is folded or cut, which would leave parts of it.
  const said = (text: string) => serverWords(withholdKey(text, key));
  const code = failure.code === undefined ? undefined : said(failure.code);
  const word = [status, code].filter((part) => part !== undefined).join(" ");
  const message = said(failure.message);
  const text = `${word}: ${message}`;
  const fatal = (text: string) => new ModelError("fatal", text);
  const reject = (reason: string) => new ModelError("reject", text, { reason });

  if (code !== undefined && NO_QUOTA.test(code)) {
    return fatal(`the account is out of quota (${word}): ${message}`);
  }
  if (code !== undefined && BLOCKED.test(code)) return reject("prompt_blocked");
  if (status === undefined) {
    const words = [failedAddress(cause), said(connectionWords(cause))];
    return new ModelError("retry", words.filter(Boolean).join(": "));
  }
  // One request that is more than a minute's tokens never passes.
  if (status === 413 || status < 500 && OVERFLOW.test(message)) return reject("context_overflow");
  if (status === 408 || status === 409 || status === 425 || status >= 500) {
    const throttled = status === 503 && retryAfterMs !== undefined;
    return new ModelError("retry", text, { retryAfterMs, throttled });
  }
  if (status === 429) return new ModelError("retry", text, { retryAfterMs, throttled: true });
  // The provider's text is left out: it may repeat part of the key.
  if (status === 401) return fatal(`the key in ${keyName} is refused (${word})`);
  if (status === 403) return fatal(`this key may not use ${model} (${word}): ${message}`);
  if (status === 404) return fatal(`${model}: no such model or route (${word}): ${message}`);
  if (status === 402) return fatal(`the account is out of quota (${word}): ${message}`);
  return reject(code === "context_length_exceeded" ? "context_overflow" : "bad_request");
}
