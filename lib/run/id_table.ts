/** What a run knows of every prompt, in about 40 bytes each: plain arrays instead of objects. */

/** Where an id stands. */
export const State = { absent: 0, kept: 1, rejected: 2 } as const;

/** No ordinal: the id is on disk, but not in this input. */
export const NOT_IN_INPUT = 0xffffffff;

/**
 * A table from 64-bit hashes (of ids) to their key, state, input position and place on disk. Rows
 * are numbered from 0 in order of arrival; a row's fields are read and written by that number.
 */
export class IdTable {
  size = 0;
  #buckets = new Uint32Array(1024);
  #hash = new BigUint64Array(512);
  #key = new BigUint64Array(512);
  #ordinal = new Uint32Array(512);
  #offset = new Float64Array(512);
  #length = new Uint32Array(512);
  #state = new Uint8Array(512);

  /** The row of a hash; made, with no state and no input position, where it is new. */
  row(hash: bigint): { row: number; added: boolean } {
    const found = this.find(hash);
    if (found !== undefined) return { row: found, added: false };
    if (this.size === this.#hash.length) this.#grow();
    const row = this.size++;
    this.#hash[row] = hash;
    this.#ordinal[row] = NOT_IN_INPUT;
    this.#place(row);
    return { row, added: true };
  }

  /** The row of a hash, or undefined. */
  find(hash: bigint): number | undefined {
    const mask = this.#buckets.length - 1;
    for (let at = Number(hash & 0xffffffffn) & mask;; at = (at + 1) & mask) {
      const row = this.#buckets[at]!;
      if (row === 0) return undefined;
      if (this.#hash[row - 1] === hash) return row - 1;
    }
  }

  /** The key of the work that the row's state stands for (or is to stand for). */
  key(row: number): bigint {
    return this.#key[row]!;
  }
  setKey(row: number, key: bigint): void {
    this.#key[row] = key;
  }
  /** The row's position in the input, or NOT_IN_INPUT. */
  ordinal(row: number): number {
    return this.#ordinal[row]!;
  }
  setOrdinal(row: number, ordinal: number): void {
    this.#ordinal[row] = ordinal;
  }
  state(row: number): number {
    return this.#state[row]!;
  }
  /** Byte offset and length of the row's line in the file that its state names. */
  line(row: number): { offset: number; length: number } {
    return { offset: this.#offset[row]!, length: this.#length[row]! };
  }
  setLine(row: number, state: number, offset: number, length: number): void {
    this.#state[row] = state;
    this.#offset[row] = offset;
    this.#length[row] = length;
  }
  /** Forgets what stands on disk for a row: its content has changed. */
  clear(row: number): void {
    this.#state[row] = State.absent;
  }

  #place(row: number): void {
    const mask = this.#buckets.length - 1;
    let at = Number(this.#hash[row]! & 0xffffffffn) & mask;
    while (this.#buckets[at] !== 0) at = (at + 1) & mask;
    this.#buckets[at] = row + 1;
  }

  #grow(): void {
    const rows = this.#hash.length * 2;
    const wider = <T extends { set(array: T): void }>(into: T, from: T): T => {
      into.set(from);
      return into;
    };
    this.#hash = wider(new BigUint64Array(rows), this.#hash);
    this.#key = wider(new BigUint64Array(rows), this.#key);
    this.#ordinal = wider(new Uint32Array(rows), this.#ordinal);
    this.#offset = wider(new Float64Array(rows), this.#offset);
    this.#length = wider(new Uint32Array(rows), this.#length);
    this.#state = wider(new Uint8Array(rows), this.#state);
    this.#buckets = new Uint32Array(rows * 2);
    for (let row = 0; row < this.size; row++) this.#place(row);
  }
}
