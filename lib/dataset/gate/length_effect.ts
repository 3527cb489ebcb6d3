/** How much longer the chosen side of pairs is. */
import type { Finding } from "./finding.ts";

/** From here on an effect is called medium (Cohen 1988). */
const MEDIUM = 0.5;
/** Pairs that are named. */
const NAMED = 100;

/** A running mean and variance (Welford 1962). */
class Moments {
  mean = 0;
  #count = 0;
  #squares = 0;

  add(value: number): void {
    const before = value - this.mean;
    this.mean += before / ++this.#count;
    this.#squares += before * (value - this.mean);
  }

  get variance(): number {
    return this.#count < 2 ? 0 : this.#squares / (this.#count - 1);
  }
}

/** Cohen's d of the chosen side's length in characters over the rejected side's. */
export class LengthEffect {
  #pairs = 0;
  readonly #chosen = new Moments();
  readonly #rejected = new Moments();
  #longest: { id: string; chosen: number; rejected: number }[] = [];

  add(id: string, chosen: number, rejected: number): void {
    this.#pairs++;
    this.#chosen.add(chosen);
    this.#rejected.add(rejected);
    if (chosen <= rejected) return;
    this.#longest.push({ id, chosen, rejected });
    if (this.#longest.length === 10 * NAMED) this.#longest = this.#named();
  }

  /** d is the difference of the means by the root of the mean variance, of one character at least. */
  finding(few: number): Finding {
    const chosen = this.#chosen, rejected = this.#rejected;
    const difference = chosen.mean - rejected.mean;
    const spread = Math.sqrt((chosen.variance + rejected.variance) / 2);
    const value = difference / Math.max(1, spread);
    const means = [chosen, rejected].map(({ mean }) => mean.toFixed(0));
    return {
      gate: "length",
      value,
      words: `chosen sides are ${value < 0 ? "shorter" : "longer"} (Cohen's d ${
        value.toFixed(2)
      }: ${means.join(" against ")} characters)`,
      standsOut: this.#pairs >= few && value > MEDIUM,
      rows: this.#named().map(({ id, chosen, rejected }) => ({
        gate: "length",
        id,
        detail: `chosen ${chosen}, rejected ${rejected} characters`,
      })),
    };
  }

  /** The pairs in which the chosen side is longer by most. */
  #named() {
    return this.#longest.toSorted((a, b) => b.chosen - b.rejected - (a.chosen - a.rejected)).slice(
      0,
      NAMED,
    );
  }
}
