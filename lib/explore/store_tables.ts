/** The store's two tables, and the rows that a record becomes in them. */
import { DOUBLE, type DuckDBValue, INTEGER, VARCHAR } from "@duckdb/node-api";
import { faultPlace } from "../reply/fault_place.ts";
import { textOfMessages } from "../view/messages.ts";
import type { StoredRecord } from "./stored_rows.ts";

/** A row a prompt. */
export const PROMPTS = {
  prompt_row: INTEGER,
  run: INTEGER,
  id: VARCHAR,
  source: VARCHAR,
  format: VARCHAR,
  model: VARCHAR,
  reward_model: VARCHAR,
  messages: VARCHAR,
  prompt: VARCHAR,
  extra: VARCHAR,
  no_pair: VARCHAR,
  dataset_row: VARCHAR,
} as const;
/** A row a reply. */
export const REPLIES = {
  reply_row: INTEGER,
  prompt_row: INTEGER,
  index: INTEGER,
  text: VARCHAR,
  thought: VARCHAR,
  answer: VARCHAR,
  malformed: VARCHAR,
  finish_reason: VARCHAR,
  completion_tokens: INTEGER,
  score: DOUBLE,
  scores: VARCHAR,
  role: VARCHAR,
  why: VARCHAR,
  fault_from: INTEGER,
  fault_to: INTEGER,
  by: DOUBLE,
} as const;

/** The values of {@link PROMPTS}, in their order. */
export function promptValues(
  row: number,
  { record, run, extra, noPair, datasetRow }: StoredRecord,
): DuckDBValue[] {
  return [
    row,
    run,
    record.id,
    record.source,
    record.format,
    record.model,
    record.reward_model,
    JSON.stringify(record.prompt),
    textOfMessages(record.prompt),
    JSON.stringify(extra),
    noPair,
    datasetRow,
  ];
}

/** The values of {@link REPLIES} for the reply at a place of a prompt, in their order. */
export function replyValues(
  row: number,
  prompt: number,
  { record, roles, whys, by }: StoredRecord,
  at: number,
): DuckDBValue[] {
  const reply = record.responses[at]!;
  const { malformed, text } = reply;
  const place = malformed === null ? null : faultPlace(record.format, text, malformed);
  return [
    row,
    prompt,
    reply.index,
    // A whole reply's text is its parts, and is not kept twice.
    malformed === null ? null : text,
    reply.thought,
    reply.answer,
    malformed,
    reply.finish_reason,
    reply.completion_tokens,
    reply.score,
    reply.scores === undefined ? null : JSON.stringify(reply.scores),
    roles[at] ?? null,
    whys[at] ?? null,
    place?.from ?? null,
    place?.to ?? null,
    by[at] ?? null,
  ];
}
