/** A chat as trainers with templates of their own take it: roles in turn, and text alone. */
import type { ChatMessage } from "../reply/turn_parts.ts";

/** What is said by turns, a user's first, the assistant's last. */
export interface PlainChat {
  /** Null where the row has none. */
  system: string | null;
  /** User, assistant, user, assistant… */
  contents: string[];
}

/** Takes a row's turns, or says what is in the way. Keys beside the content are left behind. */
export function plainChat(turns: readonly ChatMessage[]): PlainChat | string {
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
