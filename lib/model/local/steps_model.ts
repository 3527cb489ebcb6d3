/**
 * A language model as `scripts/export_onnx` writes it (onnx/steps.onnx): many rows a step, each
 * looking at its prompt's cache, which all replies to the prompt share, and at its own.
 */
import { InputError } from "../../core/errors.ts";
import type { Batch, Next, Sequence } from "./batch.ts";
import type { CausalModel, Prefill } from "./causal_model.ts";
import { STEPS_FILE, stepsFile } from "./folder.ts";
import { type CacheShape, KeyValueStore } from "./key_value_store.ts";
import { type InferenceSession, int64, openSession, type Tensor, tensor } from "./onnx_session.ts";
import { sharedLength } from "./prefill.ts";
import { SharedBatch } from "./shared_batch.ts";
import { isExact } from "./steps_check.ts";

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

/** A loaded model of this form. */
export class StepsModel implements CausalModel {
  readonly shape: CacheShape;
  readonly bytesPerToken: number;
  #exact = false;
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
  static async open(dir: string, threads?: number): Promise<StepsModel> {
    const { path, bytes } = await stepsFile(dir);
    const session = await openSession(path, bytes, threads);
    try {
      const model = new StepsModel(session, dir);
      model.#exact = await isExact(model);
      return model;
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  get exact(): boolean {
    return this.#exact;
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

  async read(tokens: readonly number[], earlier: Prefill | null = null): Promise<Prefill> {
    const { layers } = this.shape;
    const store = new KeyValueStore(this.shape, CHUNK), length = tokens.length;
    store.reserve(1, length, 0);
    let at = 0;
    if (earlier !== null) {
      at = sharedLength(earlier.tokens, tokens);
      at -= at % CHUNK;
      const from = Math.ceil(earlier.tokens.length / CHUNK) * CHUNK;
      if (at > 0) store.put(0, earlier.cache as Float32Array[], from);
    }
    const own = { data: new Array(2 * layers).fill(new Float32Array(0)), length: 0 };
    let logits: Float32Array = new Float32Array(0);
    for (; at < length; at += CHUNK) {
      const width = Math.min(CHUNK, length - at), all = store.length + width;
      const bias = new Float32Array(width * all).fill(HIDDEN);
      for (let token = 0; token < width; token++) {
        const start = token * all;
        bias.fill(0, start, start + at);
        bias.fill(0, start + store.length, start + store.length + token + 1);
      }
      const output = await this.run({
        tokens: tokens.slice(at, at + width),
        positions: Array.from({ length: width }, (_, i) => at + i),
        rows: 1,
        width,
        bias,
        prefix: { data: store.first(1), places: 1, length: store.length },
        own,
        slots: [0],
        places: [0],
      });
      store.write(0, at, output.fresh, 0, width);
      logits = logitsOf(output.next[0]!).slice();
    }
    return { tokens, logits, cache: store.first(1) };
  }

  batch<Row extends Sequence>(): Batch<Row> {
    return new SharedBatch<Row>(this);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

/** The logits of a row without a temperature. */
export function logitsOf(next: Next): Float32Array {
  if ("logits" in next) return next.logits;
  throw new Error("weights came instead of logits");
}
