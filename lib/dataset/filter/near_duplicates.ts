/**
 * Near duplicates by MinHash with locality-sensitive hashing (Broder 1997; the same 128 hashes in
 * bands that datasketch and text-dedup use), about 700 bytes a text.
 */
import { hashWords, mix, wordsOf } from "./words.ts";

const HASHES = 128;
const BANDS = 16;
const BAND_ROWS = HASHES / BANDS;
/** Words of a shingle. */
const SHINGLE = 3;
/** Estimated Jaccard similarity from which two texts are near duplicates. */
export const NEAR_SIMILARITY = 0.8;

/** Finds, for each text, an earlier one that is nearly the same. */
export class NearDuplicates {
  readonly #signatures: Uint32Array[] = [];
  readonly #buckets: Map<number, number>[] = Array.from({ length: BANDS }, () => new Map());

  /**
   * The number (0-based, of those that were new) of an earlier text at least as similar as
   * `NEAR_SIMILARITY`, or null; then the text counts as new itself.
   */
  add(text: string): number | null {
    const signature = signatureOf(text);
    const keys = bandKeys(signature);
    for (const [band, key] of keys.entries()) {
      const number = this.#buckets[band]!.get(key);
      if (number === undefined) continue;
      if (similarity(this.#signatures[number]!, signature) >= NEAR_SIMILARITY) return number;
    }
    const number = this.#signatures.push(signature) - 1;
    for (const [band, key] of keys.entries()) {
      if (!this.#buckets[band]!.has(key)) this.#buckets[band]!.set(key, number);
    }
    return null;
  }
}

/** The Jaccard similarity of two texts' shingles, exactly. */
export function jaccard(a: string, b: string): number {
  const one = new Set(shinglesOf(a)), two = new Set(shinglesOf(b));
  const both = one.intersection(two).size;
  return both / (one.size + two.size - both);
}

/** Hashes of each run of three words; of the whole text where it has fewer. */
function shinglesOf(text: string): number[] {
  const words = wordsOf(text), shingles: number[] = [];
  const last = Math.max(0, words.length - SHINGLE);
  for (let at = 0; at <= last; at++) {
    shingles.push(hashWords(words, at, Math.min(words.length, at + SHINGLE)));
  }
  return shingles;
}

function signatureOf(text: string): Uint32Array {
  const signature = new Uint32Array(HASHES).fill(0xffffffff);
  for (const shingle of shinglesOf(text)) {
    for (let index = 0; index < HASHES; index++) {
      const hash = mix(shingle ^ SEEDS[index]!);
      if (hash < signature[index]!) signature[index] = hash;
    }
  }
  return signature;
}

/** A 48-bit key of each band. */
function bandKeys(signature: Uint32Array): number[] {
  return Array.from({ length: BANDS }, (_, band) => {
    let high = 0x9e3779b9, low = 0x7f4a7c15;
    for (let row = 0; row < BAND_ROWS; row++) {
      const value = signature[band * BAND_ROWS + row]!;
      high = mix(high ^ value);
      low = mix(Math.imul(low, 31) ^ value);
    }
    return (high & 0xffff) * 0x100000000 + low;
  });
}

function similarity(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let index = 0; index < HASHES; index++) if (a[index] === b[index]) equal++;
  return equal / HASHES;
}

const SEEDS = Uint32Array.from({ length: HASHES }, (_, index) => mix(index + 1));
