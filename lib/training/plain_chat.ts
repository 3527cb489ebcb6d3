/** A chat as trainers with templates of their own take it: roles in turn, and text alone. */
import type { ChatMessage } from "../reply/turn_parts.ts";
import { refused, type RenderedRow } from "./trainer.ts";
import { type TrainingRow, turnsOf } from "./training_row.ts";

/** What is said by turns, a user's first, the assistant's last. */
export interface PlainChat {
  /** Null where the row has none. */
  system: string | null;
  /** User, assistant, user, assistant… */
  contents: string[];
}

/** Takes a row's turns, or says what is in the way. Keys beside the content are left behind. */
function plainChat(turns: readonly ChatMessage[]): PlainChat | string {
  const [first] = turns;
  const hasSystem = first?.role === "system";
  const system = hasSystem ? first.content : null;
  if (system !== null && typeof system !== "string") return "a system prompt that is no text";
  const contents: string[] = [];
  for (const [index, { role, content, tool_calls }] of turns.slice(hasSystem ? 1 : 0).entries()) {
    if (role === "tool" || (Array.isArray(tool_calls) && tool_calls.length > 0)) {
      return "a chat with tools";
    }
    if (role !== (index % 2 === 0 ? "user" : "assistant")) return `${role} out of turn`;
    if (typeof content !== "string") return "a turn that is no text";
    contents.push(content);
  }
  if (contents.length === 0 || contents.length % 2 !== 0) return "no assistant's turn at the end";
  return { system, contents };
}

/** A row rendered by its chats: one, or the two sides of a pair. */
export function ofPlainChats(
  row: TrainingRow,
  render: (chats: readonly [PlainChat, ...PlainChat[]]) => RenderedRow,
): RenderedRow {
  const chats = plainChats(row);
  return typeof chats === "string" ? refused("not_followed", chats) : render(chats as [PlainChat]);
}

/** The chats, or what is in the way. */
function plainChats(row: TrainingRow): PlainChat[] | string {
  if (row.tools !== null && row.tools.length > 0) return "a row with tools";
  const sides = row.kind === "pair" ? sidesOf(row) : [turnsOf(row)];
  const chats: PlainChat[] = [];
  for (const turns of sides) {
    if (turns === null) return row.kind === "pair" ? "pairs of text" : "a row of text";
    const chat = plainChat(turns);
    if (typeof chat === "string") return chat;
    chats.push(chat);
  }
  return chats;
}

function sidesOf(
  { prompt, chosen, rejected }: TrainingRow & { kind: "pair" },
): (ChatMessage[] | null)[] {
  return [chosen, rejected].map((side) =>
    typeof prompt === "string" || typeof side === "string" ? null : [...prompt, ...side]
  );
}
