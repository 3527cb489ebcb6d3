/** The store's two tables, and the rows that a record becomes in them. */
import type { ScoredReply } from "../core/records.ts";
import { faultPlace, type Place } from "../reply/fault_place.ts";
import { textOfMessages } from "../view/messages.ts";
import type { StoredRecord } from "./stored_rows.ts";

/** A table's columns: each one's type, and its value of what a row is made from. */
export type Columns<T> = Record<
  string,
  [type: "INTEGER" | "DOUBLE" | "VARCHAR", of: (from: T) => string | number | null]
>;

/** A stored record, and its row. */
export type StoredPrompt = StoredRecord & { row: number };

/** A row a prompt. */
export const PROMPTS: Columns<StoredPrompt> = {
  prompt_row: ["INTEGER", ({ row }) => row],
  run: ["INTEGER", ({ run }) => run],
  id: ["VARCHAR", ({ record }) => record.id],
  source: ["VARCHAR", ({ record }) => record.source],
  format: ["VARCHAR", ({ record }) => record.format],
  model: ["VARCHAR", ({ record }) => record.model],
  reward_model: ["VARCHAR", ({ record }) => record.reward_model],
  messages: ["VARCHAR", ({ record }) => JSON.stringify(record.prompt)],
  prompt: ["VARCHAR", ({ record }) => textOfMessages(record.prompt)],
  extra: ["VARCHAR", ({ extra }) => JSON.stringify(extra)],
  no_pair: ["VARCHAR", ({ noPair }) => noPair],
  dataset_row: ["VARCHAR", ({ datasetRow }) => datasetRow],
};

/** A reply of a stored record, and where it stands. */
export interface StoredReply {
  row: number;
  prompt: number;
  reply: ScoredReply;
  role: string | null;
  why: string | null;
  by: number | null;
  /** Where a malformed reply breaks its rule. */
  place: Place | null;
}

/** A row a reply. */
export const REPLIES: Columns<StoredReply> = {
  reply_row: ["INTEGER", ({ row }) => row],
  prompt_row: ["INTEGER", ({ prompt }) => prompt],
  index: ["INTEGER", ({ reply }) => reply.index],
  // A whole reply's text is its parts, and is not kept twice.
  text: ["VARCHAR", ({ reply }) => reply.malformed === null ? null : reply.text],
  thought: ["VARCHAR", ({ reply }) => reply.thought],
  answer: ["VARCHAR", ({ reply }) => reply.answer],
  malformed: ["VARCHAR", ({ reply }) => reply.malformed],
  finish_reason: ["VARCHAR", ({ reply }) => reply.finish_reason],
  completion_tokens: ["INTEGER", ({ reply }) => reply.completion_tokens],
  score: ["DOUBLE", ({ reply }) => reply.score],
  scores: ["VARCHAR", ({ reply }) => reply.scores ? JSON.stringify(reply.scores) : null],
  role: ["VARCHAR", ({ role }) => role],
  why: ["VARCHAR", ({ why }) => why],
  fault_from: ["INTEGER", ({ place }) => place?.from ?? null],
  fault_to: ["INTEGER", ({ place }) => place?.to ?? null],
  by: ["DOUBLE", ({ by }) => by],
};

/** What the rows of a prompt's replies are made from, the first of them at `row`. */
export function storedReplies(
  { record: { format, responses }, roles, whys, by }: StoredRecord,
  row: number,
  prompt: number,
): StoredReply[] {
  return responses.map((reply, at) => {
    const { malformed, text } = reply;
    const place = malformed === null ? null : faultPlace(format, text, malformed);
    const [role = null, why = null, score = null] = [roles[at], whys[at], by[at]];
    return { row: row + at, prompt, reply, role, why, by: score, place };
  });
}
