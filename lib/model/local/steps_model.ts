/** A model of `scripts/export_onnx`: replies of many prompts in one batch. */
import type { SessionOptions } from "./onnx_session.ts";
import { type Batch, type CausalModel, type Prefill, type Sequence } from "./causal_model.ts";
import { KeyValueStore } from "./key_value_store.ts";
import { SharedBatch } from "./shared_batch.ts";
import { sharedLength } from "./shared_length.ts";
import { isExact, logitsOf } from "./steps_check.ts";
import { CHUNK, HIDDEN, StepsGraph } from "./steps_graph.ts";

/** A loaded model of this form. */
export class StepsModel implements CausalModel {
  #exact = false;

  constructor(readonly graph: Pick<StepsGraph, "shape" | "bytesPerToken" | "run" | "close">) {}

  /** Loads a folder's graph, and finds out how this processor adds up. Throws `InputError`. */
  static async open(dir: string, options: SessionOptions = {}): Promise<StepsModel> {
    const model = new StepsModel(await StepsGraph.open(dir, options));
    try {
      model.#exact = await isExact(model);
      return model;
    } catch (error) {
      await model.close();
      throw error;
    }
  }

  get exact(): boolean {
    return this.#exact;
  }

  get bytesPerToken(): number {
    return this.graph.bytesPerToken;
  }

  async read(tokens: readonly number[], earlier: Prefill | null = null): Promise<Prefill> {
    const { shape } = this.graph;
    const store = new KeyValueStore(shape, CHUNK), length = tokens.length;
    store.reserve(1, length, 0);
    let at = 0;
    if (earlier !== null) {
      at = sharedLength(earlier.tokens, tokens);
      at -= at % CHUNK;
      const from = Math.ceil(earlier.tokens.length / CHUNK) * CHUNK;
      if (at > 0) store.put(0, earlier.cache as Float32Array[], from);
    }
    const own = { data: new Array(2 * shape.layers).fill(new Float32Array(0)), length: 0 };
    let logits: Float32Array = new Float32Array(0);
    for (; at < length; at += CHUNK) {
      const width = Math.min(CHUNK, length - at), all = store.length + width;
      const bias = new Float32Array(width * all).fill(HIDDEN);
      for (let token = 0; token < width; token++) {
        const start = token * all;
        bias.fill(0, start, start + at);
        bias.fill(0, start + store.length, start + store.length + token + 1);
      }
      const output = await this.graph.run({
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
    return new SharedBatch<Row>(this.graph, { exact: this.exact });
  }

  close(): Promise<void> {
    return this.graph.close();
  }
}
