/** Which ids a dataset's input has shown so far, in a few bytes each. */
import { InputError } from "../core/errors.ts";
import { hash64 } from "../core/hash64.ts";
import { IdTable } from "../run/id_table.ts";

export { hash64 };

/** Tells new ids from repeated ones. */
export class SeenIds {
  duplicates = 0;
  readonly #table = new IdTable();

  /** Distinct ids so far. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * Whether the id is new; else it is counted as a duplicate.
   *
   * @throws {InputError} where the id stood in a row with other content.
   */
  add(id: string, content: () => string, where: string): boolean {
    const { row, added } = this.#table.row(hash64(id));
    const key = hash64(content());
    if (added) {
      this.#table.setKey(row, key);
      return true;
    }
    if (this.#table.key(row) !== key) {
      throw new InputError(
        `${where}: id ${JSON.stringify(id)} stands in an earlier row with other content: ` +
          `ids must be unique`,
      );
    }
    this.duplicates++;
    return false;
  }
}
