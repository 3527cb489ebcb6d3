/** Chats drawn from a seed, with the white space, tags and characters that templates stumble on. */
import fc from "fast-check";
import type { Message } from "../lib/core/records.ts";

const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom(
    " ",
    "\n",
    "\r\n",
    "\t",
    "\ufeff",
    "\x1c",
    "\x1f",
    "\x85",
    "\u2028",
    "\u3000",
    "\u200b",
  ),
  fc.constantFrom(
    "How do I bake a cake?",
    "Wie geht's?",
    "你好",
    "😀",
    "{{ x }}",
    "{% if %}",
    "<b>&amp;",
    "\\n",
  ),
  fc.constantFrom("<think>", "</think>", "<response>", "</response>", "<query>", "\n\n", "'", '"'),
);
const content = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));

/** Chats of one to five turns that end with the user or the assistant, some with a system message. */
const chat = fc.tuple(fc.option(content), fc.array(content, { minLength: 1, maxLength: 5 })).map(
  ([system, turns]): Message[] => [
    ...(system === null ? [] : [{ role: "system" as const, content: system }]),
    ...turns.map((content, i) => ({
      role: i % 2 ? "assistant" as const : "user" as const,
      content,
    })),
  ],
);

/** The same `count` chats each time. */
export function generatedChats(count: number, seed: number): Message[][] {
  return fc.sample(chat, { numRuns: count, seed });
}
