/** Rows as two buffers, which can be handed to another thread and filled again afterwards. */
import type { Columns, ColumnType, Value } from "./columns.ts";

/** The values of each column, in the columns' order. */
export type ColumnValues = readonly (readonly Value[])[];

/**
 * Rows, one after the other: their texts in UTF-8, and numbers that tell what there is. A value
 * begins with -1 where it is null, else with the bytes of a text, the items of a list, or 0; items,
 * fields, numbers and truth values (0 or 1) follow.
 */
export interface PackedRows {
  texts: Uint8Array<ArrayBuffer>;
  numbers: Float64Array<ArrayBuffer>;
  rows: number;
}

const NULL = -1;

/** Takes rows, their texts as bytes of its own, so that those of the rows may be let go at once. */
export class RowPacker {
  /** Rows that are held. */
  rows = 0;
  /** Bytes of their texts. */
  bytes = 0;
  readonly #columns: readonly [string, ColumnType][];
  #texts = new Uint8Array(0);
  #numbers = new Float64Array(0);
  #count = 0;
  #spare: PackedRows | undefined;

  constructor(columns: Columns) {
    this.#columns = Object.entries(columns);
  }

  /** Appends a row; absent columns are null. */
  add(row: Readonly<Record<string, Value>>): void {
    for (const [name, type] of this.#columns) this.#add(type, row[name] ?? null);
    this.rows++;
  }

  /** The rows that are held; the packer is empty then. */
  take(): PackedRows {
    const packed = { texts: this.#texts, numbers: this.#numbers, rows: this.rows };
    this.#texts = this.#spare?.texts ?? new Uint8Array(0);
    this.#numbers = this.#spare?.numbers ?? new Float64Array(0);
    this.#spare = undefined;
    this.rows = 0;
    this.bytes = 0;
    this.#count = 0;
    return packed;
  }

  /** Buffers of rows that are done with, to be filled again. */
  give(packed: PackedRows): void {
    this.#spare = packed;
  }

  #add(type: ColumnType, value: Value): void {
    if (value === null) return this.#addNumber(NULL);
    if (type === "string" || type === "json") return this.#addText(value);
    if (typeof type === "string") {
      this.#addNumber(0);
      return this.#addNumber(type === "bool" ? Number(value) : value as number);
    }
    if ("list" in type) {
      const items = value as readonly Value[];
      this.#addNumber(items.length);
      for (const item of items) this.#add(type.list, item);
      return;
    }
    const struct = value as { readonly [field: string]: Value };
    this.#addNumber(0);
    for (const field in type.struct) this.#add(type.struct[field]!, struct[field] ?? null);
  }

  #addText(value: Value): void {
    const text = value as string | Uint8Array;
    const most = this.bytes + (typeof text === "string" ? 3 : 1) * text.length;
    if (most > this.#texts.length) this.#texts = longer(this.#texts, Math.max(most, 1 << 20));
    const room = this.#texts.subarray(this.bytes);
    let length = text.length;
    if (typeof text === "string") length = encoder.encodeInto(text, room).written;
    else room.set(text);
    this.bytes += length;
    this.#addNumber(length);
  }

  #addNumber(value: number): void {
    if (this.#count === this.#numbers.length) {
      this.#numbers = longer(this.#numbers, Math.max(this.#count + 1, 1 << 14));
    }
    this.#numbers[this.#count++] = value;
  }
}

/** The rows column by column; texts are views of the bytes that were packed. */
export function unpackRows({ texts, numbers, rows }: PackedRows, columns: Columns): ColumnValues {
  let at = 0, begin = 0;
  const next = (type: ColumnType): Value => {
    const head = numbers[at++]!;
    if (head === NULL) return null;
    if (type === "string" || type === "json") return texts.subarray(begin, begin += head);
    if (type === "bool") return numbers[at++] === 1;
    if (typeof type === "string") return numbers[at++]!;
    if ("list" in type) {
      const items: Value[] = [];
      for (let item = 0; item < head; item++) items.push(next(type.list));
      return items;
    }
    const struct: Record<string, Value> = {};
    for (const field in type.struct) struct[field] = next(type.struct[field]!);
    return struct;
  };
  const types = Object.values(columns);
  const values: Value[][] = types.map(() => []);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < types.length; column++) {
      values[column]!.push(next(types[column]!));
    }
  }
  return values;
}

/** A longer array that begins as this one: twice as long, or as long as is asked. */
function longer<A extends Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  array: A,
  least: number,
): A {
  const made = new (array.constructor as new (length: number) => A)(
    Math.max(2 * array.length, least),
  );
  made.set(array);
  return made;
}

const encoder = new TextEncoder();
