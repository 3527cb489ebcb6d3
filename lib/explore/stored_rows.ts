/** Rows of the store's two tables as records again. Pure: the page reads a bundle's files by it. */
import type { Message, ScoredRecord, ScoredReply } from "../core/records.ts";
import type { Place } from "../reply/fault_place.ts";

/** Where a text is looked for: columns of both tables. */
export const SEARCHED = {
  anywhere: { prompt: ["prompt", "id"], reply: ["answer", "thought", "text"] },
  prompt: { prompt: ["prompt", "id"], reply: [] },
  answer: { prompt: [], reply: ["answer", "text"] },
  thought: { prompt: [], reply: ["thought"] },
} as const satisfies Record<string, { prompt: readonly string[]; reply: readonly string[] }>;
export type Searched = keyof typeof SEARCHED;

/** What is put in with a record. */
export interface StoredRecord {
  record: ScoredRecord;
  /** The run's place among the inputs. */
  run: number;
  /** Kept columns. */
  extra: Record<string, unknown>;
  /** Why there is no pair. */
  noPair: string | null;
  /** Of each reply, `chosen`, `rejected` or null, and why it is neither. */
  roles: readonly (string | null)[];
  whys: readonly (string | null)[];
  /** The score that each reply's pairs go by, where that is not its reward. */
  by: readonly (number | null)[];
  /** The row of a dataset as JSON, where a trainer's mask of it may be asked for. */
  datasetRow: string | null;
}

/** A record as it was put in, and its place. */
export interface FoundRecord extends StoredRecord {
  row: number;
  /** The row of each reply. */
  replyRows: number[];
  /** Where each malformed reply breaks its rule. */
  places: (Place | null)[];
}

type Fields = Record<string, unknown>;

/** A row of `prompts` with its rows of `replies`, in their order. */
export function foundRecord(prompt: Fields, replies: readonly Fields[]): FoundRecord {
  return {
    row: Number(prompt.prompt_row),
    run: Number(prompt.run),
    extra: JSON.parse(String(prompt.extra)),
    noPair: textOrNull(prompt.no_pair),
    datasetRow: textOrNull(prompt.dataset_row),
    replyRows: replies.map(({ reply_row }) => Number(reply_row)),
    roles: replies.map(({ role }) => textOrNull(role)),
    whys: replies.map(({ why }) => textOrNull(why)),
    by: replies.map(({ by }) => numberOrNull(by)),
    places: replies.map(({ fault_from: from, fault_to: to }) => (
      from === null || from === undefined ? null : { from: Number(from), to: Number(to) }
    )),
    record: {
      id: String(prompt.id),
      source: String(prompt.source),
      prompt: JSON.parse(String(prompt.messages)) as Message[],
      format: prompt.format as ScoredRecord["format"],
      model: String(prompt.model),
      reward_model: String(prompt.reward_model),
      responses: replies.map(replyOf),
    },
  };
}

function replyOf(fields: Fields): ScoredReply {
  const { scores } = fields;
  const answer = textOrNull(fields.answer);
  return {
    index: Number(fields.index),
    text: textOrNull(fields.text) ?? answer ?? "",
    thought: textOrNull(fields.thought),
    answer: answer as ScoredReply["answer"],
    malformed: textOrNull(fields.malformed),
    finish_reason: fields.finish_reason as ScoredReply["finish_reason"],
    completion_tokens: Number(fields.completion_tokens),
    score: numberOrNull(fields.score),
    ...(textOrNull(scores) === null ? {} : { scores: JSON.parse(String(scores)) }),
  };
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
