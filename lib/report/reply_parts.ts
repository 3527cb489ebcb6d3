/** A dataset's assistant turn taken apart again, whatever format it was written in. */
import type { Message } from "../core/records.ts";
import { type ChatMessage, partsOfTurn } from "../reply/turn_parts.ts";

/** The thought, if there is one, and the answer of a dataset's field: text, or messages. */
export function replyParts(field: unknown): { thought: string | null; answer: string } {
  const { thought, answer } = partsOfTurn(replyTurn(field));
  return { thought, answer: answer ?? "" };
}

/** The text of a dataset's reply, as it stands in its field. */
export function replyText(field: unknown): string {
  const { content } = replyTurn(field);
  return typeof content === "string" ? content : "";
}

/** The reply of a dataset's field: the last assistant turn of messages, or text. */
function replyTurn(field: unknown): ChatMessage {
  const turns = Array.isArray(field) ? field as Partial<ChatMessage>[] : [];
  const content = typeof field === "string" ? field : "";
  const last = turns.findLast((turn) => turn?.role === "assistant") as ChatMessage | undefined;
  return last ?? { role: "assistant", content };
}

/** The prompt of a dataset's field: text, or the messages before the last assistant turn. */
export function promptOf(field: unknown): string | Message[] {
  if (typeof field === "string") return field;
  const turns = Array.isArray(field) ? field as Message[] : [];
  const messages = turns.filter((turn) => typeof turn?.content === "string");
  return messages.at(-1)?.role === "assistant" ? messages.slice(0, -1) : messages;
}
