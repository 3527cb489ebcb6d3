/** Rows that are decoded together, one token a step. */
import type { Prefill } from "./prefill.ts";
import type { Row } from "./row.ts";

/** A set of rows with their cache. The last token of each row is not in the cache yet. */
export interface Batch {
  readonly rows: readonly Row[];
  /** Whether the rows of a prompt of so many tokens may join. */
  takes(length: number): boolean;
  join(prefill: Prefill, rows: readonly Row[]): void;
  /** Reads each row's last token: the logits of the next, by row. */
  step(): Promise<Float32Array[]>;
  remove(row: Row): void;
}
