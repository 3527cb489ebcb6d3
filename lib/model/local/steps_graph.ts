/**
 * A language model as `scripts/export_onnx` writes it (onnx/steps.onnx): many rows a step, each
 * looking at its prompt's cache, which all replies to the prompt share, and at its own.
 */
import { InputError } from "../../core/errors.ts";
import type { Next } from "./causal_model.ts";
import { STEPS_FILE, stepsFile } from "./folder.ts";
import type { CacheShape } from "./key_value_store.ts";
import {
  type InferenceSession,
  int64,
  openGraph,
  type SessionOptions,
  type Tensor,
  tensor,
} from "./onnx_session.ts";

/**
 * Prompts are read so many tokens at a time, and shared by whole such parts: a part's arithmetic
 * is then the same whichever prompt it was read for. Prefixes are padded to multiples of it.
 */
export const CHUNK = 64;
/** What hides a position. */
export const HIDDEN = -1e9;

/** Rows of `width` tokens each, over the caches of their prompts and their own. */
export interface StepsInput {
  tokens: ArrayLike<number>;
  positions: ArrayLike<number>;
  rows: number;
  width: number;
  /** By row and token: 0 for what is looked at, `HIDDEN` for the rest; prefix, own, new. */
  bias: Float32Array;
  prefix: { data: readonly Float32Array[]; places: number; length: number };
  own: { data: readonly Float32Array[]; length: number };
  /** The rows that look at each prompt, equally many a prompt; and where each row stands there. */
  slots: ArrayLike<number>;
  places: ArrayLike<number>;
  /** Of each row; without them, and for a row of temperature 0, logits come back. */
  temperatures?: readonly number[];
}

/** What comes after each row's last token, and the new keys and values by layer. */
export interface StepsOutput {
  next: Next[];
  fresh: Float32Array[];
}

/** A loaded graph. */
export class StepsGraph {
  readonly shape: CacheShape;
  readonly bytesPerToken: number;
  readonly #session: InferenceSession;
  readonly #fetches: string[];

  private constructor(session: InferenceSession, where: string) {
    this.#session = session;
    const key = session.inputMetadata.find(({ name }) => name === "prefix.0.key");
    const [, heads, dim] = key?.isTensor ? key.shape : [];
    if (typeof heads !== "number" || typeof dim !== "number") {
      throw new InputError(`${where}: ${STEPS_FILE}: not a graph of scripts/export_onnx`);
    }
    const layers = session.inputNames.filter((name) => /^prefix\.\d+\.key$/.test(name)).length;
    this.shape = { layers, heads, dim };
    this.#fetches = Array.from(
      { length: 2 * layers },
      (_, i) => `new.${i >> 1}.${i % 2 === 0 ? "key" : "value"}`,
    );
    this.bytesPerToken = 2 * layers * heads * dim * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Loads a folder's `onnx/steps.onnx`. Throws `InputError`. */
  static async open(dir: string, options: SessionOptions = {}): Promise<StepsGraph> {
    return await openGraph(
      await stepsFile(dir),
      options,
      (session) => new StepsGraph(session, dir),
    );
  }

  async run(input: StepsInput): Promise<StepsOutput> {
    const { rows, width, prefix, own } = input, { layers, heads, dim } = this.shape;
    const all = input.bias.length / rows / width;
    const warm = input.temperatures ?? new Array<number>(rows).fill(0);
    const feeds: Record<string, Tensor> = {
      input_ids: int64(input.tokens, [rows, width]),
      position_ids: int64(input.positions, [rows, width]),
      bias: tensor("float32", input.bias, [rows, 1, width, 1, all]),
      slots: int64(input.slots, [input.slots.length]),
      places: int64(input.places, [rows]),
      coldness: tensor("float32", Float32Array.from(warm, (it) => it === 0 ? 1 : 1 / it), [
        rows,
        1,
      ]),
    };
    const put = (owner: string, data: readonly Float32Array[], places: number, length: number) => {
      for (let layer = 0; layer < layers; layer++) {
        const key = data[2 * layer]!, value = data[2 * layer + 1]!;
        feeds[`${owner}.${layer}.key`] = tensor("float32", key, [places, heads, dim, length]);
        feeds[`${owner}.${layer}.value`] = tensor("float32", value, [places, heads, length, dim]);
      }
    };
    put("prefix", prefix.data, prefix.places, prefix.length);
    put("own", own.data, rows, own.length);
    const fetches = [...this.#fetches];
    if (warm.includes(0)) fetches.push("logits");
    if (warm.some((temperature) => temperature > 0)) fetches.push("weights");
    const outputs = await this.#session.run(feeds, fetches);
    const next = warm.map((temperature, row): Next => {
      const all = outputs[temperature > 0 ? "weights" : "logits"]!.data as Float32Array;
      const size = all.length / rows, own = all.subarray(row * size, (row + 1) * size);
      return temperature > 0 ? { weights: own } : { logits: own };
    });
    return { next, fresh: this.#fetches.map((name) => outputs[name]!.data as Float32Array) };
  }

  /** Frees the model's memory. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}
