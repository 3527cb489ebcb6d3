/** Which of many texts come often, in little memory. */

/** Texts that come more rarely than once in so many are forgotten. */
const WIDTH = 4096;
/** Examples of each that are kept. */
const EXAMPLES = 100;

/** A text, how often it came, and whose it was. */
export interface FrequentText {
  text: string;
  /** At most one in 4,096 of all too few. */
  count: number;
  /** The first ids. */
  ids: string[];
}

/** Counts texts by lossy counting (Manku and Motwani, VLDB 2002). */
export class FrequentTexts {
  /** Texts so far. */
  all = 0;
  readonly #kept = new Map<string, FrequentText & { before: number }>();

  add(text: string, id: string): void {
    const before = Math.floor(this.all++ / WIDTH);
    let entry = this.#kept.get(text);
    if (entry === undefined) this.#kept.set(text, entry = { text, count: 0, ids: [], before });
    entry.count++;
    if (entry.ids.length < EXAMPLES) entry.ids.push(id);
    if (this.all % WIDTH !== 0) return;
    for (const each of this.#kept.values()) {
      if (each.count + each.before <= this.all / WIDTH) this.#kept.delete(each.text);
    }
  }

  /** The one that came most often; of texts that are all rare none, with a count of 0. */
  most(): FrequentText {
    let most: FrequentText = { text: "", count: 0, ids: [] };
    for (const each of this.#kept.values()) if (each.count > most.count) most = each;
    return most;
  }

  /** How often a text came. */
  count(text: string): number {
    return this.#kept.get(text)?.count ?? 0;
  }
}
