/** What tables of ids and keys go by. */
import { createHash } from "node:crypto";

/**
 * 64 bits of a text's SHA-256. Texts that differ in halves of surrogate pairs alone, which have no
 * UTF-8 form, have different hashes too.
 */
export function hash64(text: string): bigint {
  const whole = text.isWellFormed() ? text : JSON.stringify(text);
  // By way of hex: a Buffer for each digest costs three times as much, and the garbage.
  return BigInt(`0x${createHash("sha256").update(whole).digest("hex").slice(0, 16)}`);
}
