/** A dataset's assistant turn taken apart again, whatever format it was written in. */
import { Format, type Message } from "../core/records.ts";
import { parseReply } from "../reply/parse_reply.ts";

/** An assistant turn's thought, if it holds one, and its answer. */
export function replyParts(turn: string): { thought: string | null; answer: string } {
  for (const format of Format.options) {
    const { thought, answer } = parseReply(format, turn, {
      finishReason: "stop",
      prefilled: false,
    });
    if (answer !== null) return { thought, answer };
  }
  return { thought: null, answer: turn };
}

/** The reply of a dataset's field: the last assistant turn of messages, or text. */
export function replyText(field: unknown): string {
  if (typeof field === "string") return field;
  const turns = Array.isArray(field) ? field as Partial<Message>[] : [];
  const last = turns.findLast((turn) => turn?.role === "assistant");
  return typeof last?.content === "string" ? last.content : "";
}

/** The prompt of a dataset's field: text, or the messages before the last assistant turn. */
export function promptOf(field: unknown): string | Message[] {
  if (typeof field === "string") return field;
  const turns = Array.isArray(field) ? field as Message[] : [];
  const messages = turns.filter((turn) => typeof turn?.content === "string");
  return messages.at(-1)?.role === "assistant" ? messages.slice(0, -1) : messages;
}
