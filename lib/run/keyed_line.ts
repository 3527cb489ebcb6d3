/** A line that tells by itself whether it is as it was written: a record, its key, a checksum. */
import { crc32 } from "node:zlib";
import { canonicalJson, type Json } from "../core/canonical.ts";
import { hash64 } from "../core/hash64.ts";

const KEY_AT_END = /,"key":"([0-9a-f]{16})-([0-9a-f]{8})"\}$/;
const KEY_LENGTH = ',"key":"0123456789abcdef-01234567"}'.length;
/** What of that end is not under the checksum: the checksum itself and what stands around it. */
const TAIL_LENGTH = '-01234567"}'.length;
const ID_FIRST = /^\{"id":("(?:[^"\\]|\\.)*")/;

/** The key of the work on an item: of all that affects its record, the run's part by its fingerprint. */
export function workKey(fingerprint: string, item: Json): bigint {
  return hash64(canonicalJson({ run: fingerprint, item }));
}

/**
 * The JSON text of a record with, as its last field, `key`: the key of its work (16 hex digits)
 * and the CRC-32 of all that stands before it.
 */
export function keyedLine(record: { id: string; key?: string }, key: bigint): string {
  const { key: _, ...fields } = record;
  const begin = `${JSON.stringify(fields).slice(0, -1)},"key":"${digitsOf(key)}`;
  return `${begin}-${crc32(begin).toString(16).padStart(8, "0")}"}`;
}

/** The id and key of a keyed line; undefined where it is damaged or was never one. */
export function readKeyedLine(text: string): { id: string; key: bigint } | undefined {
  const end = KEY_AT_END.exec(text.slice(-KEY_LENGTH));
  if (!end) return undefined;
  if (crc32(text.slice(0, -TAIL_LENGTH)) !== parseInt(end[2]!, 16)) return undefined;
  const quoted = ID_FIRST.exec(text.slice(0, 1000))?.[1];
  const id = quoted === undefined ? JSON.parse(text).id : JSON.parse(quoted);
  return typeof id === "string" ? { id, key: BigInt(`0x${end[1]}`) } : undefined;
}

function digitsOf(key: bigint): string {
  return key.toString(16).padStart(16, "0");
}
