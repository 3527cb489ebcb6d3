/** Flatbuffers, checked against what they may hold before a library trusts them. */

/** A field of a table: bytes of a number, a text, bytes of a vector's items, a table, or several. */
export type FlatField =
  | number
  | "text"
  | { items: number }
  | { table: FlatTable }
  | { tables: FlatTable };

/** The fields of a table, in their order; a table that holds itself is told by a getter. */
export type FlatTable = readonly FlatField[];

const DEEPEST = 64;

/** A flatbuffer's bytes; every look into them is bounded, and so is their number. */
export class FlatBytes {
  readonly #view: DataView;
  #left: number;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Tables may share parts; a sound writer does not, so what is visited cannot outgrow the bytes.
    this.#left = bytes.length;
  }

  /** The place of the root table. Throws `RangeError`, as all of these do. */
  root(): number {
    return this.#within(this.#view.getUint32(0, true), 4);
  }

  /** Where a table's field begins, or null where it is left out. */
  field(table: number, index: number, size: number): number | null {
    const { end, fields, count } = this.#table(table);
    if (index >= count) return null;
    const offset = this.#view.getUint16(fields + 2 * index, true);
    if (offset === 0) return null;
    if (offset < 4 || table + offset + size > end) throw new RangeError("a field out of its table");
    return table + offset;
  }

  /** The place that a field refers to, or null. */
  target(table: number, index: number): number | null {
    const field = this.field(table, index, 4);
    return field === null ? null : this.#within(field + this.#view.getUint32(field, true), 4);
  }

  /** The items of a vector that a field refers to. */
  vector(table: number, index: number, size: number): { at: number; count: number } {
    const vector = this.target(table, index);
    if (vector === null) return { at: 0, count: 0 };
    const count = this.#view.getUint32(vector, true);
    this.#within(vector + 4, count * size);
    return { at: vector + 4, count };
  }

  byte(at: number): number {
    return this.#view.getUint8(at);
  }
  uint(at: number): number {
    return this.#view.getUint32(at, true);
  }
  long(at: number): number {
    return Number(this.#view.getBigInt64(at, true));
  }

  /** Follows everything that a table of this shape holds. */
  check(table: number, shape: FlatTable, depth = 0): void {
    if (depth > DEEPEST || (this.#left -= 4) < 0) throw new RangeError("tables without an end");
    this.#table(table);
    shape.forEach((kind, index) => {
      if (typeof kind === "number") this.field(table, index, kind);
      else if (kind === "text") this.#left -= this.vector(table, index, 1).count;
      else if ("items" in kind) this.vector(table, index, kind.items);
      else if ("table" in kind) {
        const inner = this.target(table, index);
        if (inner !== null) this.check(inner, kind.table, depth + 1);
      } else {
        const { at, count } = this.vector(table, index, 4);
        for (let item = at; item < at + 4 * count; item += 4) {
          const inner = this.#within(item + this.#view.getUint32(item, true), 4);
          this.check(inner, kind.tables, depth + 1);
        }
      }
    });
  }

  #table(at: number): { end: number; fields: number; count: number } {
    const layout = this.#within(at - this.#view.getInt32(this.#within(at, 4), true), 4);
    const bytes = this.#view.getUint16(layout, true);
    const end = at + this.#view.getUint16(layout + 2, true);
    if (bytes < 4 || end < at + 4) throw new RangeError("a table of no size");
    this.#within(layout, bytes);
    this.#within(at, end - at);
    return { end, fields: layout + 4, count: (bytes - 4) >> 1 };
  }

  #within(at: number, size: number): number {
    if (at >= 0 && at + size <= this.bytes.length) return at;
    throw new RangeError("an offset out of the bytes");
  }
}
