/** Parquet's repetition and definition levels: where nested values begin, and which are there. */
import type { ColumnType, Value } from "./columns.ts";
import { varint } from "./thrift.ts";

/** The plain type at the end of a column's nesting. */
export type LeafType = Extract<ColumnType, string>;

/** A leaf of a column with its values, as Parquet stores them: nested rows taken apart. */
export interface Leaf {
  type: LeafType;
  /** Names from the column down. */
  path: string[];
  /** The values that are there; null ones are not. */
  values: Value[];
  /** How deep each slot is defined, of `maxDefinition`. */
  definition: Uint8Array;
  maxDefinition: number;
  /** At which list each slot goes on, of `maxRepetition`; 0 begins a row. */
  repetition: Uint8Array;
  maxRepetition: number;
}

/** Takes a column apart. Anything in it may be null. */
export function leavesOf(name: string, type: ColumnType, values: readonly Value[]): Leaf[] {
  const levels = new Uint8Array(values.length);
  return take({ type, path: [name], depth: 0, lists: 0 }, values, levels, levels.slice());
}

interface Place {
  type: ColumnType;
  path: string[];
  /** The definition level of a slot whose parent is there. */
  depth: number;
  /** Lists above. */
  lists: number;
}

function take(
  { type, path, depth, lists }: Place,
  values: readonly Value[],
  repetition: Uint8Array,
  above: Uint8Array,
): Leaf[] {
  const definition = above.slice();
  for (let slot = 0; slot < values.length; slot++) {
    if (above[slot] === depth && values[slot] !== null) definition[slot] = depth + 1;
  }
  if (typeof type === "string") {
    return [{
      type,
      path,
      values: values.filter((_, slot) => definition[slot] === depth + 1),
      definition,
      maxDefinition: depth + 1,
      repetition,
      maxRepetition: lists,
    }];
  }
  if ("struct" in type) {
    return Object.entries(type.struct).flatMap(([name, inner]) => {
      const place = { type: inner, path: [...path, name], depth: depth + 1, lists };
      const fields = values.map((value) => (value as Record<string, Value> | null)?.[name] ?? null);
      return take(place, fields, repetition, definition);
    });
  }
  const items: Value[] = [], again: number[] = [], defined: number[] = [];
  for (let slot = 0; slot < values.length; slot++) {
    const list = definition[slot] === depth + 1 ? values[slot] as readonly Value[] : [];
    if (list.length === 0) {
      items.push(null);
      again.push(repetition[slot]!);
      defined.push(definition[slot]!);
    }
    list.forEach((item, index) => {
      items.push(item);
      again.push(index === 0 ? repetition[slot]! : lists + 1);
      defined.push(depth + 2);
    });
  }
  const place = {
    type: type.list,
    path: [...path, "list", "item"],
    depth: depth + 2,
    lists: lists + 1,
  };
  return take(place, items, Uint8Array.from(again), Uint8Array.from(defined));
}

/** Levels in Parquet's mix of runs and packed bits, with the length before them; none of `max` 0. */
export function levelBytes(levels: Uint8Array, max: number): Uint8Array {
  if (max === 0) return new Uint8Array(0);
  const width = 32 - Math.clz32(max);
  const out: number[] = [];
  let packedFrom = 0;
  const pack = (end: number) => {
    const groups = Math.ceil((end - packedFrom) / 8);
    if (groups === 0) return;
    varint(out, groups * 2 + 1);
    let bits = 0, held = 0;
    for (let at = packedFrom; at < packedFrom + 8 * groups; at++) {
      bits |= (at < end ? levels[at]! : 0) << held;
      for (held += width; held >= 8; held -= 8, bits >>= 8) out.push(bits & 255);
    }
  };
  for (let at = 0; at < levels.length;) {
    let end = at + 1;
    while (end < levels.length && levels[end] === levels[at]) end++;
    // Packed bits come in groups of eight: a run first fills up the open group.
    const from = at + (packedFrom - at & 7);
    if (end - from < 8) {
      at = end;
      continue;
    }
    pack(from);
    varint(out, (end - from) * 2);
    out.push(levels[at]!);
    at = packedFrom = end;
  }
  pack(levels.length);
  const bytes = new Uint8Array(4 + out.length);
  new DataView(bytes.buffer).setUint32(0, out.length, true);
  bytes.set(out, 4);
  return bytes;
}
