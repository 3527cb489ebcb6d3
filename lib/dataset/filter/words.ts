/** Text as lower-case words, for telling near-equal texts; one word a character where none are spaced. */

const unspaced = "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}";
const word = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{N}\\p{M}])+`, "gu");

/** Of text without other letters the words are the same by a pattern that is ten times as fast. */
const ascii = /^[\0-\x7f]*$/;
const asciiWord = /[a-z0-9]+/g;

/** The words of a text, in Unicode's NFKC, lower case, without punctuation. */
export function wordsOf(text: string): string[] {
  if (ascii.test(text)) return text.toLowerCase().match(asciiWord) ?? [];
  return text.normalize("NFKC").toLowerCase().match(word) ?? [];
}

/** A 32-bit hash of words joined (FNV-1a over UTF-16 units, mixed). */
export function hashWords(words: readonly string[], from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) {
    const text = words[at]!;
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ 0x20, 0x01000193);
  }
  return mix(hash);
}

/** Spreads a 32-bit number over all 32 bits (MurmurHash3's finalizer). */
export function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
