/** A long list of numbers. */

const BITS = 15;
const ROWS = 1 << BITS;

/**
 * Numbers by row, in blocks that are made when something else than `unset` is written into them:
 * nothing is copied as it grows, and no room is kept in reserve.
 */
export class Column<N extends number | bigint> {
  readonly #blocks: ({ [at: number]: N } | undefined)[] = [];

  /** `make` gives a typed array of so many rows, `unset` is what it holds. */
  constructor(
    readonly make: (rows: number) => { [at: number]: N },
    readonly unset: N,
  ) {}

  get(row: number): N {
    return this.#blocks[row >>> BITS]?.[row & (ROWS - 1)] ?? this.unset;
  }

  set(row: number, value: N): void {
    if (value === this.unset && this.#blocks[row >>> BITS] === undefined) return;
    const block = this.#blocks[row >>> BITS] ??= this.make(ROWS);
    block[row & (ROWS - 1)] = value;
  }
}
