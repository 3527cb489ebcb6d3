/**
 * Rows of one length, for any graph of transformers.js's layout: what a step gives as cache is
 * the next step's past. Nothing is padded, so that it does not matter how a graph reads its mask.
 */
import type { Batch, CacheData, Next, Prefill, Sequence } from "./causal_model.ts";
import { int64, type Tensor } from "./onnx_session.ts";
import type { PlainGraph } from "./plain_graph.ts";

/** Replies of one prompt, in step. */
export class GrowingBatch<Row extends Sequence> implements Batch<Row> {
  readonly rows: Row[] = [];
  readonly #graph: PlainGraph;
  #past: Tensor[] = [];

  constructor(graph: PlainGraph) {
    this.#graph = graph;
  }

  takes(): boolean {
    return this.rows.length === 0;
  }

  join(prefill: Prefill, rows: readonly Row[]): void {
    this.rows.push(...rows);
    const { heads, dim } = this.#graph;
    this.#past = prefill.cache.map((data) => {
      const past = this.#graph.emptyCache([rows.length, heads, prefill.tokens.length, dim]);
      rows.forEach((_, row) => (past.data as CacheData).set(data, row * data.length));
      return past;
    });
  }

  async step(): Promise<Next[]> {
    const rows = this.rows.length, length = this.rows[0]!.tokens.length;
    const { logits, cache } = await this.#graph.run({
      tokens: this.rows.map((row) => row.tokens.at(-1)!),
      rows,
      width: 1,
      positions: new Array(rows).fill(length - 1),
      mask: int64(new Uint8Array(rows * length).fill(1), [rows, length]),
      past: this.#past,
    });
    this.#past = cache;
    return logits.map((logits) => ({ logits }));
  }

  remove(row: Row): void {
    const place = this.rows.indexOf(row);
    if (place < 0) return;
    this.rows.splice(place, 1);
    this.#past = this.#past.map((past) => {
      const [rows, heads, length, dim] = past.dims as [number, number, number, number];
      const size = heads * length * dim, data = past.data as CacheData;
      const rest = this.#graph.emptyCache([rows - 1, heads, length, dim]);
      (rest.data as CacheData).set(data.subarray(0, place * size));
      (rest.data as CacheData).set(data.subarray((place + 1) * size), place * size);
      return rest;
    });
  }
}
