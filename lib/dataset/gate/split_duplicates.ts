/** Prompts of validation that a trainer has nearly seen in train. */
import { NearDuplicates } from "../filter/near_duplicates.ts";
import { type Finding, type FoundRow, share } from "./finding.ts";

/** Takes prompts with their splits: all of train first, and the rows of a prompt together. */
export class SplitDuplicates {
  readonly #near = new NearDuplicates();
  /** Ids of the prompts of train that were new. */
  readonly #train: string[] = [];
  readonly #rows: FoundRow[] = [];
  #validation = 0;
  #last = "";

  add(id: string, prompt: string, split: string): void {
    if (id === this.#last) return;
    this.#last = id;
    const earlier = this.#near.add(prompt);
    if (split === "train") {
      if (earlier === null) this.#train.push(id);
      return;
    }
    this.#validation++;
    const other = earlier === null ? undefined : this.#train[earlier];
    if (other === undefined) return;
    const detail = `nearly the prompt of id ${other} in train`;
    this.#rows.push({ gate: "duplicates", id, detail });
  }

  finding(): Finding {
    const rows = this.#rows, value = share(rows.length, this.#validation);
    const words =
      `${rows.length} of ${this.#validation} prompts of validation nearly stand in train`;
    return { gate: "duplicates", value, words, standsOut: rows.length > 0, rows };
  }
}
