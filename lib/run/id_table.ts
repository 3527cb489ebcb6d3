/** What a run knows of every prompt, in some 30 bytes each: plain arrays instead of objects. */
import { Column } from "./column.ts";

/** Where an id stands; of one that is set aside, what its line is. */
export const State = { absent: 0, kept: 1, rejected: 2, keptAside: 3, rejectedAside: 4 } as const;

/** A flag's lower bits; those above are marks. */
const STATE = 7;

/** Marks beside the state. */
export const Mark = {
  /** This input names the id. */
  inInput: 8,
  /** The id is of this shard's part of the input. */
  mine: 16,
  /** The id stands for a row whose own id was taken. */
  conflict: 32,
} as const;

/**
 * A table from 64-bit hashes (of ids) to their key, state, position and place on disk. Rows are
 * numbered from 0 in order of arrival; a row's fields are read and written by that number. What
 * is never written takes no memory.
 */
export class IdTable {
  size = 0;
  #buckets = new Uint32Array(1024);
  #hash: Column<bigint> | undefined = new Column((rows) => new BigUint64Array(rows), 0n);
  readonly #key = new Column((rows) => new BigUint64Array(rows), 0n);
  readonly #ordinal = new Column((rows) => new Uint32Array(rows), 0);
  /** An offset's lower 32 bits, and those above: 256 TB in six bytes. */
  readonly #offset = new Column((rows) => new Uint32Array(rows), 0);
  readonly #offsetAbove = new Column((rows) => new Uint16Array(rows), 0);
  readonly #length = new Column((rows) => new Uint32Array(rows), 0);
  readonly #flags = new Column((rows) => new Uint8Array(rows), 0);

  /** The row of a hash; made, with no state, where it is new. */
  row(hash: bigint): { row: number; added: boolean } {
    const found = this.find(hash);
    if (found !== undefined) return { row: found, added: false };
    const row = this.size++;
    this.#hashes.set(row, hash);
    if (this.size * 2 > this.#buckets.length) this.#grow();
    else this.#place(row);
    return { row, added: true };
  }

  /** The row of a hash, or undefined. */
  find(hash: bigint): number | undefined {
    const hashes = this.#hashes, mask = this.#buckets.length - 1;
    for (let at = Number(hash & 0xffffffffn) & mask;; at = (at + 1) & mask) {
      const row = this.#buckets[at]!;
      if (row === 0) return undefined;
      if (hashes.get(row - 1) === hash) return row - 1;
    }
  }

  /** Gives back what finding takes; from then on rows are known by their numbers alone. */
  endFinding(): void {
    this.#buckets = new Uint32Array(0);
    this.#hash = undefined;
  }

  hash(row: number): bigint {
    return this.#hashes.get(row);
  }
  /** The key of the work that the row's state stands for (or is to stand for). */
  key(row: number): bigint {
    return this.#key.get(row);
  }
  setKey(row: number, key: bigint): void {
    this.#key.set(row, key);
  }
  /** The row's position, as the caller counts; 0 where none was set. */
  ordinal(row: number): number {
    return this.#ordinal.get(row);
  }
  setOrdinal(row: number, ordinal: number): void {
    this.#ordinal.set(row, ordinal);
  }
  /** Whether a row has one of the marks. */
  has(row: number, mark: number): boolean {
    return (this.#flags.get(row) & mark) !== 0;
  }
  mark(row: number, mark: number): void {
    this.#flags.set(row, this.#flags.get(row) | mark);
  }
  state(row: number): number {
    return this.#flags.get(row) & STATE;
  }
  /** Byte offset and length of the row's line in the file that its state names. */
  line(row: number): { offset: number; length: number } {
    const offset = this.#offsetAbove.get(row) * 2 ** 32 + this.#offset.get(row);
    return { offset, length: this.#length.get(row) };
  }
  setLine(row: number, state: number, offset: number, length: number): void {
    this.#setState(row, state);
    this.#offset.set(row, offset % 2 ** 32);
    this.#offsetAbove.set(row, Math.floor(offset / 2 ** 32));
    this.#length.set(row, length);
  }
  /** Forgets what stands on disk for a row: its content has changed. */
  clear(row: number): void {
    this.#setState(row, State.absent);
  }

  #setState(row: number, state: number): void {
    this.#flags.set(row, (this.#flags.get(row) & ~STATE) | state);
  }

  get #hashes(): Column<bigint> {
    if (this.#hash === undefined) throw new Error("rows are no longer found by their hashes");
    return this.#hash;
  }

  #place(row: number): void {
    const mask = this.#buckets.length - 1;
    let at = Number(this.#hashes.get(row) & 0xffffffffn) & mask;
    while (this.#buckets[at] !== 0) at = (at + 1) & mask;
    this.#buckets[at] = row + 1;
  }

  #grow(): void {
    this.#buckets = new Uint32Array(this.#buckets.length * 2);
    for (let row = 0; row < this.size; row++) this.#place(row);
  }
}
