/** Values of a Parquet page, plainly encoded. */
import { Buffer } from "node:buffer";
import type { Value } from "./columns.ts";
import { type Leaf, levelBytes } from "./parquet_levels.ts";

/**
 * A page's bytes before they are compressed: levels, then values. They lie in one buffer that all
 * pages share, so they must be used before the next page is made.
 */
export function pageBytes(leaf: Leaf): Uint8Array {
  const repetition = levelBytes(leaf.repetition, leaf.maxRepetition);
  const definition = levelBytes(leaf.definition, leaf.maxDefinition);
  const head = repetition.length + definition.length;
  const page = room(head + mostBytes(leaf));
  page.set(repetition);
  page.set(definition, repetition.length);
  return page.subarray(0, head + writeValues(leaf, page, head));
}

let shared = Buffer.alloc(1 << 20);

function room(bytes: number): Buffer {
  if (bytes > shared.length) shared = Buffer.alloc(bytes);
  return shared;
}

function mostBytes({ type, values }: Leaf): number {
  if (type === "bool") return Math.ceil(values.length / 8);
  if (type !== "string") return 8 * values.length;
  let bytes = 4 * values.length;
  for (const value of values as (string | Uint8Array)[]) {
    bytes += typeof value === "string" ? 3 * value.length : value.length;
  }
  return bytes;
}

/** Writes the values and gives the number of their bytes. */
function writeValues({ type, values }: Leaf, page: Buffer, from: number): number {
  if (type === "string") return writeTexts(values, page, from);
  if (type === "bool") {
    const end = from + Math.ceil(values.length / 8);
    page.fill(0, from, end);
    values.forEach((value, index) => {
      if (value === true) page[from + (index >> 3)]! |= 1 << (index & 7);
    });
    return end - from;
  }
  values.forEach((value, index) => {
    if (type === "float64") page.writeDoubleLE(value as number, from + 8 * index);
    else page.writeBigInt64LE(BigInt(value as number), from + 8 * index);
  });
  return 8 * values.length;
}

function writeTexts(values: readonly Value[], page: Buffer, from: number): number {
  let at = from;
  for (const value of values as readonly (string | Uint8Array)[]) {
    let length: number;
    if (typeof value === "string") {
      length = encoder.encodeInto(value, page.subarray(at + 4)).written;
    } else {
      page.set(value, at + 4);
      length = value.length;
    }
    page.writeUInt32LE(length, at);
    at += 4 + length;
  }
  return at - from;
}

const encoder = new TextEncoder();
