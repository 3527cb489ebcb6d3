/** Tokens of texts of any length, where only so many of them matter. */
import type { Tokenizer } from "./tokenizer.ts";

const CHARS_PER_TOKEN = 8;
/** Tokens at a cut that may differ from the whole text's. */
const SLACK = 64;

/**
 * A text's tokens where they are `limit` at most, else its first `limit + 1`. Of a text that is far
 * too long only as much is read as tells so: 20 MB would take a minute.
 */
export function encodeAtMost(
  tokenizer: Tokenizer,
  text: string,
  limit: number,
  options?: { addSpecial: boolean },
): number[] {
  for (let chars = CHARS_PER_TOKEN * (limit + SLACK); chars < text.length; chars *= 4) {
    const ids = tokenizer.encode(text.slice(0, chars), options);
    if (ids.length > limit + SLACK) return ids.slice(0, limit + 1);
  }
  return tokenizer.encode(text, options).slice(0, limit + 1);
}
