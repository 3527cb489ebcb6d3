/** A model of any graph of transformers.js's form: one prompt's replies at a time. */
import type { SessionOptions } from "./onnx_session.ts";
import type { Batch, CausalModel, Prefill, Sequence } from "./causal_model.ts";
import { GrowingBatch } from "./growing_batch.ts";
import { PlainGraph } from "./plain_graph.ts";
import { readPrompt } from "./prefill.ts";

/** A loaded model of this form. */
export class PlainModel implements CausalModel {
  /** Sums may be added up in another order in another batch. */
  readonly exact = false;

  constructor(readonly graph: PlainGraph) {}

  /** Loads a folder's graph. Throws `InputError`. */
  static async open(dir: string, options: SessionOptions = {}): Promise<PlainModel> {
    return new PlainModel(await PlainGraph.open(dir, options));
  }

  get bytesPerToken(): number {
    return this.graph.bytesPerToken;
  }

  read(tokens: readonly number[], earlier: Prefill | null = null): Promise<Prefill> {
    return readPrompt(this.graph, tokens, earlier);
  }

  batch<Row extends Sequence>(): Batch<Row> {
    return new GrowingBatch<Row>(this.graph);
  }

  close(): Promise<void> {
    return this.graph.close();
  }
}
