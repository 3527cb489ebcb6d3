/** A causal language model in a folder, as the engine runs it. */
import type { Batch, Sequence } from "./batch.ts";
import { Decoder } from "./decoder.ts";
import { hasSteps } from "./folder.ts";
import { StepsModel } from "./steps_model.ts";

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

/** Loads a folder's `onnx/steps.onnx`, else its graph of transformers.js's form. `InputError`. */
export async function openCausalModel(dir: string, threads?: number): Promise<CausalModel> {
  return await hasSteps(dir)
    ? await StepsModel.open(dir, threads)
    : await Decoder.open(dir, threads);
}
