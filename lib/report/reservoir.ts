/** A fair sample of a stream of unknown length. */
import { randomFor } from "../core/random.ts";

/** Keeps `size` of all items that come, each as likely as any other (Vitter's algorithm R). */
export class Reservoir<T> {
  readonly #kept: { place: number; item: T }[] = [];
  readonly #random: () => number;
  #seen = 0;

  /** The same seed and name take the same places. */
  constructor(readonly size: number, seed: number, name: string) {
    this.#random = randomFor(seed, "report sample", name);
  }

  add(item: T): void {
    const place = this.#seen++;
    if (this.#kept.length < this.size) {
      this.#kept.push({ place, item });
      return;
    }
    const slot = Math.floor(this.#random() * this.#seen);
    if (slot < this.size) this.#kept[slot] = { place, item };
  }

  /** What was kept, in the order in which it came. */
  items(): T[] {
    return this.#kept.toSorted((a, b) => a.place - b.place).map(({ item }) => item);
  }
}
