/** What stages and the runner tell each other. Types only. */
import type { Json } from "../core/canonical.ts";
import type { Manifest } from "../core/manifest.ts";
import type { ConcurrencyLimit } from "./concurrency_limit.ts";
import type { RunFolder } from "./run_folder.ts";
import type { Shard } from "./shard.ts";

/** How an item ends. */
export type ItemOutcome<R> = { record: R } | { reject: { reason: string; detail: string } };

/** What a stage tells the runner. `I` is an input item, `R` the record made of it. */
export interface StageRun<I extends { id: string; where?: string }, R extends { id: string }> {
  stage: string;
  out: string;
  /** OUT as the caller holds it already, for files of its own; else it is locked by the run. */
  folder?: RunFolder;
  /** All options, for the manifest. */
  options: Record<string, Json | undefined>;
  /** What affects the output, the items aside; it must not change within an OUT. */
  affects: Record<string, Json | undefined>;
  /** The files that `read` reads, with their hashes; their rows are counted here. */
  inputs: { path: string; sha256: string }[];
  /** Reads the input from its beginning; called more than once. */
  read: () => AsyncIterable<I>;
  /** What of an item affects its record. */
  content: (item: I) => Json;
  /** Makes the record. Throws `ModelError`, `LimitReached`. */
  work: (item: I, call: { attempt: number; signal: AbortSignal }) => Promise<ItemOutcome<R>>;
  /** Tokens that models wrote for a record, for the progress line. */
  tokensOf?: (record: R) => number;
  /** The stage's closed list of reject reasons. */
  reasons: readonly string[];
  /** Counts what the manifest tells of records; see `Tally`. */
  tally?: (record: R, tally: Tally) => void;
  /**
   * What was paid for so far, replies that became no record included; the manifest tells of these
   * tokens instead of the tally's. US dollars are null where no price is known.
   */
  paid?: () => { tokens: Record<string, number>; cost: number | null };
  models: string[];
  packages: Record<string, string>;
  seed: number | null;
  shard: Shard;
  limit?: number;
  slots: ConcurrencyLimit;
  /** Calls at most for what may pass. Default 6. */
  attempts?: number;
  /** One call's time at most, in milliseconds. */
  timeoutMs: number;
  /** How long what is in flight may go on after a stop, in milliseconds. Default 20,000. */
  graceMs?: number;
}

/** Sums over a run's records: tokens by kind, and counts of the stage's own. */
export interface Tally {
  tokens: Record<string, number>;
  extra: Record<string, number>;
}

/** What a run came to. */
export interface RunResult {
  out: string;
  manifest: Manifest;
  /** Items that this process did; 0 when there was nothing left to do. */
  worked: number;
}
