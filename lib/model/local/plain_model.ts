/** A model of any graph of transformers.js's form: one prompt's replies at a time. */
import { int64, type SessionOptions, tensor } from "./onnx_session.ts";
import type { Batch, CacheData, CausalModel, Prefill, Sequence } from "./causal_model.ts";
import { GrowingBatch } from "./growing_batch.ts";
import { PlainGraph } from "./plain_graph.ts";
import { sharedLength } from "./shared_length.ts";

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

  /** Without an earlier prompt the arithmetic is always the same. */
  async read(tokens: readonly number[], earlier: Prefill | null = null): Promise<Prefill> {
    const { graph } = this, { heads, dim } = graph;
    const shared = earlier === null ? 0 : sharedLength(earlier.tokens, tokens);
    const width = tokens.length - shared;
    const past = graph.cacheNames.map((_, i) => {
      if (earlier === null || shared === 0) return graph.emptyCache([1, heads, 0, dim]);
      const begin = firstPositions(earlier.cache[i]!, heads, shared * dim);
      return tensor(graph.cacheType, begin, [1, heads, shared, dim]);
    });
    const { logits, cache } = await graph.run({
      tokens: tokens.slice(shared),
      rows: 1,
      width,
      positions: Array.from({ length: width }, (_, i) => shared + i),
      mask: int64(new Uint8Array(tokens.length).fill(1), [1, tokens.length]),
      past,
    });
    return {
      tokens,
      logits: logits[0]!.slice(),
      cache: cache.map(({ data }) => data as CacheData),
    };
  }

  batch<Row extends Sequence>(): Batch<Row> {
    return new GrowingBatch<Row>(this.graph);
  }

  close(): Promise<void> {
    return this.graph.close();
  }
}

/** The first `size` numbers of each head. */
function firstPositions<Data extends CacheData>(cache: Data, heads: number, size: number): Data {
  const begin = cache.slice(0, heads * size) as Data, stride = cache.length / heads;
  for (let head = 0; head < heads; head++) {
    begin.set(cache.subarray(head * stride, head * stride + size), head * size);
  }
  return begin;
}
