/** Which rows of a dataset belong to one prompt, so that a split keeps them together. */
import { canonicalJson } from "../../core/canonical.ts";
import { hash64 } from "../../core/hash64.ts";
import { type Message, turnFields } from "../../core/records.ts";
import { IdTable } from "../../run/id_table.ts";
import { groupedSplit } from "./grouped_split.ts";

/** Takes prompts in input order, each with the number of its rows; a few bytes of memory each. */
export class PromptGroups {
  /** Prompts so far. */
  prompts = 0;
  readonly #table = new IdTable();
  /** Of each prompt, the first that has equal messages. */
  #first = new Uint32Array(1024);
  /** Rows before each prompt's own. */
  #start = new Uint32Array(1025);

  add(messages: readonly Message[], rows: number): void {
    const number = this.prompts++;
    if (number === this.#first.length) {
      this.#first = longer(this.#first, 2 * number);
      this.#start = longer(this.#start, 2 * number + 1);
    }
    const text = canonicalJson(messages.map(turnFields));
    const { row, added } = this.#table.row(hash64(text));
    if (added) this.#table.setOrdinal(row, number);
    this.#first[number] = this.#table.ordinal(row);
    this.#start[number + 1] = this.#start[number]! + rows;
  }

  /**
   * The rows of train and validation: prompts in NumPy's order, each prompt's rows together;
   * `train` is how many prompts are to be in train. `grouped` keeps prompts of equal messages on one side.
   */
  split(
    options: { seed: number; train: number },
    { grouped }: { grouped: boolean },
  ): { train: Uint32Array; validation: Uint32Array } {
    const sides = groupedSplit(
      this.prompts,
      options,
      grouped ? (prompt) => this.#first[prompt]! : undefined,
    );
    return { train: this.#rowsOf(sides.train), validation: this.#rowsOf(sides.validation) };
  }

  #rowsOf(prompts: Uint32Array): Uint32Array {
    let count = 0;
    for (const prompt of prompts) count += this.#start[prompt + 1]! - this.#start[prompt]!;
    const rows = new Uint32Array(count);
    let at = 0;
    for (const prompt of prompts) {
      for (let row = this.#start[prompt]!; row < this.#start[prompt + 1]!; row++) rows[at++] = row;
    }
    return rows;
  }
}

function longer(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length);
  copy.set(array);
  return copy;
}
