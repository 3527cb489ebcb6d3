/** Texts that share long passages with others: prompts with evaluation sets, answers with prompts. */
import { readRows } from "../../io/rows/read_rows.ts";
import { ALL_SPLITS } from "../../io/inputs/splits.ts";
import { hashWords, mix, wordsOf } from "./words.ts";

/** Words of a passage that is taken for shared, as GPT-3's and later reports have it. */
export const PASSAGE_WORDS = 13;
/** Evaluation texts shorter than a passage count whole, from this many words on. */
const LEAST_WORDS = 8;

/** Every split of an evaluation set is held against the prompts. */
export const EVALUATION_READING = { split: ALL_SPLITS } as const;

/** Every passage of texts, by hash; about 50 bytes a word of theirs. */
export class Passages {
  /** Passage hash → number of the place it was first seen. */
  readonly #passages = new Map<number, number>();
  readonly #places: string[] = [];
  /** Lengths, in words, that passages have. */
  readonly #lengths = new Set<number>();

  /** Reads all texts of the sets' rows, whatever their columns. */
  static async read(
    paths: readonly string[],
    options: { signal?: AbortSignal; onRow: (where: string) => void },
  ): Promise<Passages> {
    const sets = new Passages();
    for (const path of paths) {
      const reading = { signal: options.signal, ...EVALUATION_READING };
      for await (const { row, where } of readRows(path, reading)) {
        options.onRow(where);
        sets.add(textsOf(row), where);
      }
    }
    return sets;
  }

  /** Adds the texts of a place. */
  add(texts: Iterable<string>, where: string): void {
    this.#places.push(where);
    for (const text of texts) this.#addText(text);
  }

  /** The first passage of a text that one of those has too, or null. */
  find(text: string): { passage: string; where: string } | null {
    const words = wordsOf(text);
    for (const length of this.#lengths) {
      for (const [at, hash] of passageHashes(words, length).entries()) {
        const place = this.#passages.get(hash);
        if (place === undefined) continue;
        return { passage: words.slice(at, at + length).join(" "), where: this.#places[place]! };
      }
    }
    return null;
  }

  #addText(text: string): void {
    const words = wordsOf(text);
    if (words.length < LEAST_WORDS) return;
    const length = Math.min(PASSAGE_WORDS, words.length);
    this.#lengths.add(length);
    for (const hash of passageHashes(words, length)) {
      if (!this.#passages.has(hash)) this.#passages.set(hash, this.#places.length - 1);
    }
  }
}

/** 53 bits for each run of so many words, which are hashed once each. */
function passageHashes(words: readonly string[], length: number): number[] {
  const hashes = words.map((_, at) => hashWords(words, at, at + 1)), found: number[] = [];
  for (let end = length; end <= words.length; end++) {
    let high = 0, low = 0;
    for (let at = end - length; at < end; at++) {
      high = Math.imul(high ^ hashes[at]!, 0x5bd1e995);
      low = Math.imul(low, 31) + hashes[at]! | 0;
    }
    found.push((mix(high) & 0x1fffff) * 0x100000000 + mix(low));
  }
  return found;
}

/** All texts in a row, nested ones included. */
function* textsOf(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null) {
    for (const part of Object.values(value)) yield* textsOf(part);
  }
}
