/**
 * Keys and values of several sequences, side by side in one array a layer: what a step of the model
 * reads where it stands. Keys are [places, heads, dim, length], values [places, heads, length, dim].
 */

/** The sizes of a model's cache. */
export interface CacheShape {
  layers: number;
  heads: number;
  dim: number;
}

/** Places of one length, a multiple of `unit`; what a place does not fill is finite. */
export class KeyValueStore {
  readonly unit: number;
  readonly #shape: CacheShape;
  #arrays: Float32Array[];
  #places = 0;
  #length = 0;

  constructor(shape: CacheShape, unit: number) {
    this.#shape = shape;
    this.unit = unit;
    this.#arrays = Array.from({ length: 2 * shape.layers }, () => new Float32Array(0));
  }

  /** Positions of each place. */
  get length(): number {
    return this.#length;
  }

  /** Keys and values of the first places, layer by layer. */
  first(places: number): Float32Array[] {
    return this.#arrays.map((array) => array.subarray(0, places * this.#size(this.#length)));
  }

  /** Makes room, and gives up length that is not needed; the first `used` places are kept. */
  reserve(places: number, length: number, used: number): void {
    const wanted = Math.ceil(length / this.unit) * this.unit;
    const fits = wanted <= this.#length && wanted + 2 * this.unit >= this.#length / 2;
    if (places <= this.#places && fits) return;
    const old = this.#length;
    if (!fits) this.#length = wanted;
    if (places > this.#places) this.#places = Math.ceil(places / 8) * 8;
    this.#arrays = this.#arrays.map((from, name) => {
      const to = new Float32Array(this.#places * this.#size(this.#length));
      for (let place = 0; place < used; place++) {
        const at = place * this.#size(old);
        this.#lay(name, from.subarray(at, at + this.#size(old)), old, to, place);
      }
      return to;
    });
  }

  /** Puts a sequence of `length` positions (a multiple of the unit) into a place. */
  put(place: number, cache: readonly Float32Array[], length: number): void {
    this.clear(place);
    this.#arrays.forEach((to, name) => this.#lay(name, cache[name]!, length, to, place));
  }

  /** Sets a place to zeros. */
  clear(place: number): void {
    const size = this.#size(this.#length);
    for (const array of this.#arrays) array.fill(0, place * size, (place + 1) * size);
  }

  move(from: number, to: number): void {
    const size = this.#size(this.#length);
    for (const array of this.#arrays) {
      array.copyWithin(to * size, from * size, (from + 1) * size);
    }
  }

  /** Files new tokens' keys and values, by layer [row, width, heads × dim], behind a position. */
  write(
    place: number,
    position: number,
    fresh: readonly Float32Array[],
    row: number,
    width: number,
  ): void {
    const { heads, dim } = this.#shape, length = this.#length, all = heads * dim;
    for (let name = 0; name < fresh.length; name++) {
      const to = this.#arrays[name]!, from = fresh[name]!, key = name % 2 === 0;
      for (let token = 0; token < width; token++) {
        let source = (row * width + token) * all;
        for (let head = 0; head < heads; head++) {
          const start = (place * heads + head) * dim * length;
          let at = start + (key ? position + token : (position + token) * dim);
          for (let i = 0; i < dim; i++, at += key ? length : 1) to[at] = from[source++]!;
        }
      }
    }
  }

  #size(length: number): number {
    return this.#shape.heads * this.#shape.dim * length;
  }

  /** Copies as much of a place of another length as there is room for. */
  #lay(name: number, from: Float32Array, old: number, to: Float32Array, place: number): void {
    const { heads, dim } = this.#shape, length = this.#length, kept = Math.min(old, length);
    const at = place * this.#size(length);
    if (old === length) return to.set(from, at);
    // Keys are rows of positions, heads × dim of them; of values, each head is one run.
    const [runs, one] = name % 2 === 0 ? [heads * dim, 1] : [heads, dim];
    for (let run = 0; run < runs; run++) {
      const source = run * old * one, target = at + run * length * one;
      for (let i = 0; i < kept * one; i++) to[target + i] = from[source + i]!;
    }
  }
}
