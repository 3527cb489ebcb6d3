/** Conversations and pairs as plain text and numbers. */
import type { Extra, Message } from "../core/records.ts";

/** A chosen and a rejected reply to a prompt: a row of a DPO dataset, as messages or as text. */
export interface PairRow {
  /** The prompt's id. */
  id?: string | null;
  /** Where the prompt comes from. */
  source?: string | null;
  /** The prompt, as text or as messages. */
  prompt: string | Message[];
  /** The side to be preferred. */
  chosen: string | Message[];
  /** The other side. */
  rejected: string | Message[];
  /** Its reward. */
  score_chosen?: number | null;
  /** Its reward. */
  score_rejected?: number | null;
  /** The columns that were kept. */
  extra?: Extra;
}

/** score(chosen) − score(rejected), or null where a score is not there. */
export function marginOf({ score_chosen, score_rejected }: PairRow): number | null {
  if (typeof score_chosen !== "number" || typeof score_rejected !== "number") return null;
  return score_chosen - score_rejected;
}

/** A conversation as text: one turn is its content, several have their role before each. */
export function textOfMessages(messages: string | readonly Message[]): string {
  if (typeof messages === "string") return messages;
  if (messages.length === 1) return messages[0]!.content;
  return messages.map(({ role, content }) => `${role}: ${content}`).join("\n\n");
}
