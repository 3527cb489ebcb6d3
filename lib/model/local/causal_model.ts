/** A causal language model as the engine runs it, and the rows that it decodes together. Types alone. */

/** Keys or values, as the graph stores them. */
export type CacheData = Float32Array | Float16Array;

/** What is known after a prompt: the logits of its first reply token, and its cache. */
export interface Prefill {
  tokens: readonly number[];
  logits: Float32Array;
  /** Keys and values of each layer, in the model's own layout. */
  cache: readonly CacheData[];
}

/** A loaded language model; its caches are kept outside of it. */
export interface CausalModel {
  /** True where a row's logits are the same bits whatever stands beside it. */
  readonly exact: boolean;
  /** What a token of a row takes in caches. */
  readonly bytesPerToken: number;
  /**
   * Reads a prompt; what it shares with the beginning of an earlier one may be taken from there.
   * Without an earlier one the logits depend on the tokens alone.
   */
  read(tokens: readonly number[], earlier?: Prefill | null): Promise<Prefill>;
  batch<Row extends Sequence>(): Batch<Row>;
  /** Frees the model's memory. */
  close(): Promise<void>;
}

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
