/**
 * Rows of any lengths in one batch, for graphs that give each step's keys and values as outputs of
 * their own: the cache stays here, is written in place, and rows join and leave at every step.
 */
import type { Batch } from "./batch.ts";
import type { Decoder } from "./decoder.ts";
import { tensor } from "./onnx_session.ts";
import type { Prefill } from "./prefill.ts";
import type { Row } from "./row.ts";

/** The cache grows by so many positions at a time. */
const GROWTH = 32;
/** Rows up to this length go together; longer ones where none is twice as long as another. */
const SHORT = 256;

/** A batch that rows of many prompts share. A step costs each row what it costs the longest. */
export class RaggedBatch implements Batch {
  readonly rows: Row[] = [];
  readonly #decoder: Decoder;
  /** By cache name: [rows, heads, capacity, dim], of which each row uses its own length. */
  #cache: Float32Array[];
  #capacity = 0;
  #places = 0;

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
    this.#cache = decoder.cacheNames.map(() => new Float32Array(0));
  }

  takes(length: number): boolean {
    const longest = Math.max(SHORT, ...this.rows.map((row) => row.tokens.length));
    const other = Math.max(SHORT, length);
    return this.rows.length === 0 || (other <= 2 * longest && longest <= 2 * other);
  }

  join(prefill: Prefill, rows: readonly Row[]): void {
    this.#reserve(this.rows.length + rows.length, prefill.tokens.length);
    const { heads, dim } = this.#decoder, length = prefill.tokens.length * dim;
    for (const row of rows) {
      const place = this.rows.push(row) - 1;
      this.#cache.forEach((cache, name) => {
        const data = prefill.cache[name]!;
        for (let head = 0; head < heads; head++) {
          const part = data.subarray(head * length, (head + 1) * length);
          cache.set(part, this.#at(place, head, 0));
        }
      });
    }
  }

  async step(): Promise<Float32Array[]> {
    const { heads, dim } = this.#decoder, count = this.rows.length;
    const lengths = this.rows.map((row) => row.tokens.length - 1);
    this.#reserve(count, Math.max(...lengths) + 1);
    const capacity = this.#capacity, width = capacity + 1;
    // The step's own key stands behind the cache's end; what a row has not filled is masked.
    const mask = new BigInt64Array(count * width);
    lengths.forEach((length, row) => {
      mask.fill(1n, row * width, row * width + length);
      mask[row * width + capacity] = 1n;
    });
    const used = count * heads * capacity * dim, shape = [count, heads, capacity, dim];
    const { logits, cache } = await this.#decoder.run({
      tokens: this.rows.map((row) => row.tokens.at(-1)!),
      rows: count,
      width: 1,
      positions: lengths,
      mask: tensor("int64", mask, [count, width]),
      past: this.#cache.map((data) => tensor("float32", data.subarray(0, used), shape)),
    });
    this.#cache.forEach((stored, name) => {
      const data = cache[name]!.data as Float32Array;
      for (let row = 0, from = 0; row < count; row++) {
        for (let head = 0; head < heads; head++, from += dim) {
          stored.set(data.subarray(from, from + dim), this.#at(row, head, lengths[row]!));
        }
      }
    });
    return logits;
  }

  /** The last row takes the place of the one that leaves. */
  remove(row: Row): void {
    const place = this.rows.indexOf(row), last = this.rows.length - 1;
    if (place < 0) return;
    if (place !== last) {
      for (const data of this.#cache) {
        data.copyWithin(this.#at(place, 0, 0), this.#at(last, 0, 0), this.#at(last + 1, 0, 0));
      }
      this.rows[place] = this.rows[last]!;
    }
    this.rows.pop();
  }

  #at(row: number, head: number, position: number): number {
    const { heads, dim } = this.#decoder;
    return ((row * heads + head) * this.#capacity + position) * dim;
  }

  /** Makes room for rows and positions, and gives up what is far more than they need. */
  #reserve(places: number, length: number): void {
    const longest = this.rows.reduce((most, row) => Math.max(most, row.tokens.length), length);
    const fits = places <= this.#places && longest <= this.#capacity &&
      (longest + GROWTH) * 2 > this.#capacity;
    if (fits) return;
    const { heads, dim } = this.#decoder, old = this.#capacity, from = this.#cache;
    this.#capacity = Math.ceil((longest + GROWTH / 2) / GROWTH) * GROWTH;
    this.#places = places <= this.#places ? this.#places : Math.ceil(places / 8) * 8;
    this.#cache = from.map((data) => {
      const moved = new Float32Array(this.#at(this.#places, 0, 0));
      this.rows.forEach((row, place) => {
        const length = Math.min(row.tokens.length - 1, old) * dim;
        for (let head = 0; head < heads; head++) {
          const at = (place * heads + head) * old * dim;
          moved.set(data.subarray(at, at + length), this.#at(place, head, 0));
        }
      });
      return moved;
    });
  }
}
