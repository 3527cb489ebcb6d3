/** Reasoning that a server left in the reply's text, tags and all. */
import type { FinishReason } from "../core/records.ts";
import { parseReply } from "./parse_reply.ts";

/**
 * Takes native reasoning apart from the reply where a server did not: `<think>…</think>` before the
 * answer, with or without its opening tag, which some chat templates write into the prompt. A text
 * without the closing tag is all reply. Null where the tags make no sense.
 *
 * @example
 * ```ts
 * import { splitInlineThought } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * const stop = { finishReason: "stop" } as const;
 * assert.deepEqual(splitInlineThought("Hm.</think>Hi.", stop), { reasoning: "Hm.", text: "Hi." });
 * assert.deepEqual(splitInlineThought("Hi.", stop), { reasoning: null, text: "Hi." });
 * ```
 */
export function splitInlineThought(
  text: string,
  origin: { finishReason: FinishReason },
): { reasoning: string | null; text: string } | null {
  if (!text.includes("</think>")) {
    return /^\s*<think>/.test(text) ? null : { reasoning: null, text };
  }
  // DeepSeek-R1 and Qwen3 write an empty thought where they are told not to think.
  const empty = /^\s*(?:<think>\s*)?<\/think>/.exec(text);
  if (empty) return splitInlineThought(text.slice(empty[0].length), origin);
  const prefilled = !/^\s*<think>/.test(text);
  const reply = parseReply("chat-think", text, { finishReason: origin.finishReason, prefilled });
  return reply.malformed === null ? { reasoning: reply.thought, text: reply.answer } : null;
}
