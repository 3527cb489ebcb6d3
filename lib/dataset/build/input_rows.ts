/** How many rows each file of an input gave. */

/** Counts rows by file; rows come file by file, each naming its place as `FILE:LINE`, `FILE row N`. */
export class InputRows {
  readonly rows = new Map<string, number>();
  readonly #files: readonly string[];
  #at = 0;

  /** `onRow` is told of each. */
  constructor(files: readonly string[], readonly onRow: () => void = () => {}) {
    this.#files = files;
  }

  add(where: string): void {
    this.onRow();
    while (this.#at + 1 < this.#files.length && !isIn(where, this.#files[this.#at]!)) this.#at++;
    const file = this.#files[this.#at] ?? "";
    this.rows.set(file, (this.rows.get(file) ?? 0) + 1);
  }
}

function isIn(where: string, file: string): boolean {
  return where.startsWith(file) && /^(:| row )\d+$/.test(where.slice(file.length));
}
