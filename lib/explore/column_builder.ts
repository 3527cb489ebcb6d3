/** Columns that grow value by value while records are read. */
import { type Column, type ColumnInfo, NONE } from "./columns.ts";

/** A category of more values than this is no category: it is left out, and a remark says so. */
const MOST_NAMES = 2000;

/** Grows one column; values that are not given are none. */
export class ColumnBuilder {
  readonly info: ColumnInfo;
  #data: Float32Array | Uint16Array;
  #codes = new Map<string, number>([[NONE, 0]]);
  /** Set once a category has too many values. */
  overflown = false;

  constructor(info: ColumnInfo) {
    this.info = info;
    this.#data = info.kind === "number" ? new Float32Array(1024).fill(NaN) : new Uint16Array(1024);
  }

  /** Puts a value at a row; rows come in rising order, and may be left out. */
  set(row: number, value: number | string | null | undefined): void {
    if (value === null || value === undefined) return;
    if (row >= this.#data.length) this.#grow(row + 1);
    this.#data[row] = typeof value === "number" ? value : this.#codeOf(value);
  }

  get(row: number): number {
    return this.#data[row] ?? (this.info.kind === "number" ? NaN : 0);
  }

  /** The column of so many rows. */
  build(rows: number): Column {
    if (rows > this.#data.length) this.#grow(rows);
    const data = this.#data.subarray(0, rows);
    if (this.info.kind === "number") return { ...this.info, data };
    return { ...this.info, data, names: [...this.#codes.keys()] };
  }

  #codeOf(name: string): number {
    let code = this.#codes.get(name);
    if (code !== undefined) return code;
    if (this.#codes.size > MOST_NAMES) {
      this.overflown = true;
      return 0;
    }
    this.#codes.set(name, code = this.#codes.size);
    return code;
  }

  #grow(least: number): void {
    const length = Math.max(least, Math.ceil(this.#data.length * 1.5));
    const grown = this.info.kind === "number"
      ? new Float32Array(length).fill(NaN, this.#data.length)
      : new Uint16Array(length);
    grown.set(this.#data);
    this.#data = grown;
  }
}
