/** Scores of several reward models made comparable: standardized over the run, then combined. */
import { InputError } from "../../core/errors.ts";
import type { ScoredReply } from "../../core/records.ts";

/** Mean and standard deviation of one reward model's scores. */
interface Spread {
  count: number;
  mean: number;
  /** Sum of squared deviations (Welford). */
  squares: number;
}

/**
 * The score that pairs go by: `score` (the record's own), the name of one reward model (its raw
 * scores), or `mean` or `min` over all of them. For the latter two every reply of the run is added
 * first; each model's scores then have mean 0 and standard deviation 1, as raw scores of different
 * models have different scales.
 *
 * @example
 * ```ts
 * import { ScoreScale } from "./score_scale.ts";
 * import assert from "node:assert/strict";
 *
 * const scale = new ScoreScale("mean");
 * const replies = [{ a: 1, b: 300 }, { a: 2, b: 100 }, { a: 3, b: 200 }];
 * for (const scores of replies) scale.add({ score: scores.a, scores });
 * const combined = replies.map((scores) => scale.of({ score: scores.a, scores })!);
 * assert.deepEqual(combined.map((score) => Math.round(score * 100)), [0, -61, 61]);
 * ```
 */
export class ScoreScale {
  readonly choice: string;
  readonly #spreads = new Map<string, Spread>();

  constructor(choice: string) {
    this.choice = choice;
  }

  /** Whether all replies must be added before the first `of`. */
  get needsAll(): boolean {
    return this.choice === "mean" || this.choice === "min";
  }

  /** Takes the scores of all replies of a run. */
  async measure(
    records: AsyncIterable<{ responses: readonly Partial<ScoredReply>[] }>,
  ): Promise<void> {
    for await (const { responses } of records) {
      for (const { score = null, scores } of responses) this.add({ score, scores });
    }
  }

  /** Takes a reply's scores into the means and deviations. */
  add({ score, scores }: Pick<ScoredReply, "score" | "scores">): void {
    for (const [name, value] of Object.entries(scores ?? { score })) {
      if (value === null) continue;
      const spread = this.#spreads.get(name) ?? { count: 0, mean: 0, squares: 0 };
      const delta = value - spread.mean;
      spread.count++;
      spread.mean += delta / spread.count;
      spread.squares += delta * (value - spread.mean);
      this.#spreads.set(name, spread);
    }
  }

  /** The score to go by, or null where the reply lacks one. Throws `InputError` for a wrong name. */
  of({ score, scores }: Pick<ScoredReply, "score" | "scores">): number | null {
    if (this.choice === "score") return score;
    const all = scores ?? { score };
    if (!this.needsAll) {
      if (score !== null && !(this.choice in all)) {
        const names = scores ? Object.keys(scores).join(", ") : "one reward model only";
        throw new InputError(`--score ${this.choice}: the replies have scores of ${names}`);
      }
      return all[this.choice] ?? null;
    }
    const values: number[] = [];
    for (const [name, value] of Object.entries(all)) {
      if (value === null) return null;
      values.push(this.#standardized(name, value));
    }
    if (values.length < this.#spreads.size) return null;
    if (this.choice === "min") return Math.min(...values);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  #standardized(name: string, value: number): number {
    const { count, mean, squares } = this.#spreads.get(name)!;
    const deviation = Math.sqrt(squares / count);
    return deviation === 0 ? 0 : (value - mean) / deviation;
  }
}
