/** A prompt with its replies, whatever they were read from. */
import { Answer, type ScoredRecord, type ScoredReply } from "../core/records.ts";
import type { Pairing } from "./pairing.ts";

/** A kept column's value, as the page can filter it. */
export type Kept = string | number;

/** What every reader gives: a scored record, whose scores may all be null. */
export interface Group {
  record: ScoredRecord;
  /** The pair that a dataset holds; where not given it is chosen by the builder's rules. */
  pairing?: Pairing;
  /** The row of a dataset, as it was read. */
  datasetRow?: Record<string, unknown>;
  /** Kept columns (`extra`), and what a training run's dump says beside. */
  extra: Record<string, Kept>;
}

/** A record of so many replies that were not sampled by thinkset. */
export function madeRecord(
  fields: Pick<ScoredRecord, "id" | "source" | "prompt"> & Partial<ScoredRecord>,
): ScoredRecord {
  return { format: "chat", model: "", reward_model: "", responses: [], ...fields };
}

/** The values of an object that are numbers, texts or booleans. */
export function keptOf(fields: object | null | undefined): Record<string, Kept> {
  const kept: Record<string, Kept> = {};
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (typeof value === "string" || (typeof value === "number" && Number.isFinite(value))) {
      kept[name] = value;
    } else if (typeof value === "boolean" || typeof value === "bigint") kept[name] = String(value);
  }
  return kept;
}

/** A reply that is whole. */
export function replyOf(
  index: number,
  { thought, answer }: { thought: string | null; answer: string },
  score: number | null,
): ScoredReply {
  return {
    index,
    text: answer,
    thought,
    answer: Answer.parse(answer),
    malformed: null,
    finish_reason: "stop",
    completion_tokens: 0,
    score,
  };
}
