/** What tables of ids and keys go by. */
import { createSHA256 } from "hash-wasm";

// One hasher for all: node:crypto's makes an object a hash, which costs a third of the runner's time
// and a fifth of its memory (`deno task bench --only tricks`).
const hasher = await createSHA256();
const encoder = new TextEncoder();
let room = new Uint8Array(1 << 16);

/**
 * 64 bits of a text's SHA-256. Texts that differ in halves of surrogate pairs alone, which have no
 * UTF-8 form, have different hashes too.
 */
export function hash64(text: string): bigint {
  const whole = text.isWellFormed() ? text : JSON.stringify(text);
  if (whole.length * 3 > room.length) room = new Uint8Array(whole.length * 3);
  const bytes = room.subarray(0, encoder.encodeInto(whole, room).written);
  const digest = hasher.init().update(bytes).digest("binary");
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
}
