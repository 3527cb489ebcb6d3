/** Which file a row is of, and how many rows each file of an input gave. */

/** Counts rows by file; rows come file by file, each naming its place as `FILE:LINE`, `FILE row N`. */
export class InputRows {
  readonly rows = new Map<string, number>();
  readonly #files: readonly string[];
  #at = 0;

  /** `onRow` is told of each. */
  constructor(files: readonly string[], readonly onRow: () => void = () => {}) {
    this.#files = files;
  }

  /** Counts the row of a place; one without is of the file of the row before. */
  add(where: string | undefined): void {
    this.onRow();
    while (this.#at + 1 < this.#files.length && !isIn(where, this.#files[this.#at]!)) this.#at++;
    const file = this.#files[this.#at] ?? "";
    this.rows.set(file, (this.rows.get(file) ?? 0) + 1);
  }
}

function isIn(where: string | undefined, file: string): boolean {
  return where !== undefined && where.startsWith(file) && PLACE.test(where.slice(file.length));
}

const PLACE = /^(?::| row )\d+$/;
