/** Keys of providers: fit for a header, and never in a text that is shown or kept. */
import { InputError, ModelError } from "../core/errors.ts";
import type { Wrapper } from "./call/call.ts";
import type { ChatReply } from "./chat_model.ts";

/**
 * A key as a header can carry it, white space around it gone; undefined for none. Throws
 * `InputError` for one that no header can carry, such as two lines, without repeating any of it.
 *
 * @param name the environment variable that it is from
 */
export function headerKey(name: string, value: string | undefined): string | undefined {
  const key = value?.trim();
  if (!key) return undefined;
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  const what = /[\r\n]/.test(key) ? "more than one line" : "a space or a character beyond ASCII";
  throw new InputError(`${name}: holds ${what}, which no key does`);
}

/** The text without the key, should a server repeat it; keys under 8 characters are let be. */
export function withholdKey(text: string, key: string | undefined): string {
  return key && key.length >= 8 && text.includes(key) ? text.replaceAll(key, "[key]") : text;
}

/** Whose reply or error it is. */
export interface Sender {
  /** As the SPEC names it: `openai`, `vllm`. */
  provider: string;
  /** Taken out of all that is passed on. */
  apiKey: string | undefined;
}

/**
 * Takes the key out of what a call gives and throws, and puts the provider's name before errors;
 * `known` sorts what an SDK threw. Outermost of an adapter's wrappers.
 */
export function withheld<Q>(
  sender: Sender,
  known: (error: unknown) => ModelError,
): Wrapper<Q, ChatReply> {
  return (next) => async (request, signal) => {
    try {
      return replyWithoutKey(await next(request, signal), sender.apiKey);
    } catch (error) {
      signal?.throwIfAborted();
      throw errorOf(sender, known(error));
    }
  };
}

/** The reply with the key taken out of its text and its reasoning. */
export function replyWithoutKey(reply: ChatReply, key: string | undefined): ChatReply {
  const { text, reasoning } = reply;
  return {
    ...reply,
    text: withholdKey(text, key),
    reasoning: reasoning === null ? null : withholdKey(reasoning, key),
  };
}

/** A provider's error, by its name and without its key; its cause, which may hold headers, is dropped. */
export function errorOf({ provider, apiKey }: Sender, error: ModelError): ModelError {
  const { kind, reason, retryAfterMs, throttled, outage, paid } = error;
  const message = `${provider}: ${withholdKey(error.message, apiKey)}`;
  return new ModelError(kind, message, { reason, retryAfterMs, throttled, outage, paid });
}
