/** A chat API's reply as a policy's: what its text and its reasoning come to in a chat format. */
import type { FinishReason } from "../core/records.ts";
import { renderReply } from "./format.ts";
import { type ParsedReply, parseReply } from "./parse_reply.ts";
import { parseSimulated } from "./simulated.ts";

/** A reply as it came. */
export interface ChatText {
  text: string;
  /** The provider's own reasoning, where it gives one beside the text. */
  reasoning: string | null;
  finishReason: FinishReason;
}

/**
 * Takes a reply apart. Its whole text is that of the format: for `chat-think` the provider's
 * reasoning is the thought, or what a reply with `simulated` thinking planned; where there is none
 * the reply is malformed. For `chat` reasoning beside the text is left out.
 *
 * @example
 * ```ts
 * import { readChatReply } from "./chat_reply.ts";
 * import assert from "node:assert/strict";
 *
 * const reply = { text: "Hi.", reasoning: "Greet.", finishReason: "stop" } as const;
 * const { text, thought } = readChatReply("chat-think", reply, "native");
 * assert.equal(text, "<think>\nGreet.\n</think>\n\nHi.");
 * assert.equal(thought, "Greet.");
 * ```
 */
export function readChatReply(
  format: "chat" | "chat-think",
  reply: ChatText,
  thinking: "native" | "simulated",
): ParsedReply & { text: string } {
  const { text, reasoning, finishReason } = reply;
  if (format === "chat") return { text, ...parseReply(format, text, { finishReason }) };
  if (thinking === "simulated") {
    const { repairs: _, ...parsed } = parseSimulated(text, reply);
    if (parsed.malformed !== null) return { text, ...parsed };
    return { ...parsed, text: renderReply(format, parsed) };
  }
  const whole = reasoning === null ? text : `<think>\n${reasoning.trim()}\n</think>\n\n${text}`;
  // Some servers leave out the opening tag that their template writes into the prompt.
  const prefilled = reasoning === null && text.includes("</think>") && !text.includes("<think>");
  return { text: whole, ...parseReply(format, whole, { finishReason, prefilled }) };
}
