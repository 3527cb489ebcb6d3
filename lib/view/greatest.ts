/** The ends of a scale. Pure: the explorer's page runs this module too. */

/** Keeps the `size` items with the greatest values, the greatest first; of equal ones the first counts. */
export class Greatest<T> {
  readonly found: { value: number; item: T }[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  add(value: number, item: T): void {
    const { found } = this;
    if (this.#size === 0 || (found.length === this.#size && value <= found.at(-1)!.value)) return;
    found.splice(found.findLastIndex((each) => each.value >= value) + 1, 0, { value, item });
    found.length = Math.min(found.length, this.#size);
  }
}
