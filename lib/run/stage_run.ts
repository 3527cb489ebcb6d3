/** What stages and the runner tell each other. Types only. */
import type { z } from "zod";
import type { Json } from "../core/canonical.ts";
import type { Manifest, ModelIdentity } from "../core/manifest.ts";
import type { BadRow } from "../io/rows/bad_rows.ts";
import type { HashedInput } from "../io/inputs/hash_inputs.ts";
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
  inputs: HashedInput[];
  /** Reads the input from its beginning, bad rows in their places; called more than once. */
  read: () => AsyncIterable<I | BadRow>;
  /** The share of rows that may be bad. Default 0.01. */
  maxBadRows?: number;
  /** Rejects of these reasons, or of `all`, are done again. */
  retryRejects?: readonly string[];
  /** What of an item affects its record. */
  content: (item: I) => Json;
  /** Makes the record. Throws `ModelError`, `LimitReached`. */
  work: (item: I, call: { attempt: number; signal: AbortSignal }) => Promise<ItemOutcome<R>>;
  /** What each record must be to be kept; one that is not is a reject of the model's. */
  record?: z.ZodType<{ id: string }>;
  /** Tokens that models wrote for a record, for the progress line. */
  tokensOf?: (record: R) => number;
  /** The stage's closed list of reject reasons. */
  reasons: readonly string[];
  /**
   * Counts what the manifest tells of records; see `Tally`. `replies` and `malformed_RULE` in
   * `extra` are told while the run goes on.
   */
  tally?: (record: R, tally: Tally) => void;
  /** After how many items too many bad replies are told (default 50), and whether they end it. */
  watch?: { after: number; ends: boolean };
  /**
   * What was paid for so far, replies that became no record included; the manifest tells of these
   * tokens instead of the tally's. US dollars are null where no price is known.
   */
  paid?: () => { tokens: Record<string, number>; cost: number | null };
  models: string[];
  /** What the models are, by the option that names each; where it changes, so do the records. */
  identities?: Record<string, ModelIdentity | ModelIdentity[]>;
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
  /** The folder of the run. */
  out: string;
  /** What its manifest says. */
  manifest: Manifest;
  /** Items that this process did; 0 when there was nothing left to do. */
  worked: number;
}
