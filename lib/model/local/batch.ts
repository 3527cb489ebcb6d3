/** Rows that are decoded together, one token a step. */
import type { Prefill } from "./causal_model.ts";

/** What a batch knows of a row. */
export interface Sequence {
  /** They grow by one after each step. */
  readonly tokens: readonly number[];
  /** 0 for the likeliest token. */
  readonly temperature: number;
}

/** What is known of a row's next token, by token: logits, or weights at the row's temperature. */
export type Next = { logits: Float32Array } | { weights: Float32Array };

/** A set of rows with their cache. The last token of each row is not in the cache yet. */
export interface Batch<Row extends Sequence = Sequence> {
  readonly rows: readonly Row[];
  /** Whether the rows of a prompt of so many tokens may join. */
  takes(length: number): boolean;
  join(prefill: Prefill, rows: readonly Row[]): void;
  /** Reads each row's last token: what is known of the next, by row. */
  step(): Promise<Next[]>;
  remove(row: Row): void;
}
