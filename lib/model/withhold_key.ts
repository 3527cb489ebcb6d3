/** Takes a key out of texts before they go into an error, a log line or a file. */
import { ModelError } from "../core/errors.ts";
import type { ChatReply } from "./chat_model.ts";

/** The text without the key, should a server repeat it; keys under 8 characters are let be. */
export function withholdKey(text: string, key: string | undefined): string {
  return key && key.length >= 8 && text.includes(key) ? text.replaceAll(key, "[key]") : text;
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

/** The error with the key taken out of its message; its cause, which may hold headers, is dropped. */
export function withoutKey(error: ModelError, key: string | undefined): ModelError {
  const { kind, reason, retryAfterMs, throttled, outage } = error;
  const message = withholdKey(error.message, key);
  return new ModelError(kind, message, { reason, retryAfterMs, throttled, outage });
}
