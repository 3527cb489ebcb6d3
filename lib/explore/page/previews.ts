/// <reference lib="dom" />
/** Beginnings of prompts, asked for once and kept. */
import { debounced } from "./dom.ts";
import type { Preview, Source } from "./source.ts";

/** Prompts that are kept at most. */
const MOST = 5000;

/** Previews by row; what is not there yet is asked for together, and told when it came. */
export class Previews {
  readonly #source: Source;
  readonly #known = new Map<number, Preview>();
  readonly #wanted = new Set<number>();
  readonly #waiting = new Set<() => void>();
  readonly #ask = debounced(15, () => this.#fetch());

  constructor(source: Source) {
    this.#source = source;
  }

  /** The preview of a row, or undefined for now: `arrived` is called when there are new ones. */
  get(row: number, arrived: () => void): Preview | undefined {
    const known = this.#known.get(row);
    if (known === undefined) {
      this.#wanted.add(row);
      this.#waiting.add(arrived);
      this.#ask();
    }
    return known;
  }

  async #fetch(): Promise<void> {
    const rows = [...this.#wanted].slice(-400);
    this.#wanted.clear();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    if (this.#known.size > MOST) this.#known.clear();
    for (const preview of await this.#source.previews(rows)) this.#known.set(preview.row, preview);
    for (const arrived of waiting) arrived();
  }
}
