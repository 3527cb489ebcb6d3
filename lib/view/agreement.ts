/** How far two reward models agree about the same replies. Pure. */
import type { PolicyReply, ScoredReply } from "../core/records.ts";
import { mean } from "./statistics.ts";

/** The agreement of two reward models over a run. */
export interface Agreement {
  /** The two reward models. */
  models: [string, string];
  /** Prompts with at least two replies that both models scored. */
  prompts: number;
  /** Mean over the prompts of Kendall's tau-b between the two orders; null where none has one. */
  tau: number | null;
  /** Share of prompts with the same best reply; of ties the first counts. */
  sameBest: number;
  /** Share of prompts with the same worst reply; of ties the last counts. */
  sameWorst: number;
}

/**
 * Kendall's tau-b of two lists of scores, ties counted as neither order; null where all of one
 * list's are equal. Equal to `scipy.stats.kendalltau`.
 *
 * @example
 * ```ts
 * import { kendallTau } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * assert.equal(kendallTau([1, 2, 3], [10, 20, 30]), 1);
 * assert.equal(kendallTau([1, 2, 3], [3, 2, 1]), -1);
 * assert.equal(kendallTau([1, 1], [1, 2]), null);
 * ```
 */
export function kendallTau(a: readonly number[], b: readonly number[]): number | null {
  let concordance = 0, orderedA = 0, orderedB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = i + 1; j < a.length; j++) {
      const inA = Math.sign(a[i]! - a[j]!), inB = Math.sign(b[i]! - b[j]!);
      concordance += inA * inB;
      orderedA += Math.abs(inA);
      orderedB += Math.abs(inB);
    }
  }
  if (orderedA === 0 || orderedB === 0) return null;
  return concordance / Math.sqrt(orderedA * orderedB);
}

/** Gathers the agreement of every two reward models, one prompt after another. */
export class AgreementTally {
  readonly #pairs = new Map<string, Omit<Agreement, "tau"> & { taus: number[] }>();

  /** Takes the replies of one prompt; those without scores by several models are passed over. */
  add(responses: readonly (PolicyReply | Pick<ScoredReply, "scores">)[]): void {
    const scored = responses.map((reply) => "scores" in reply ? reply.scores : undefined)
      .filter((scores) => scores !== undefined);
    const names = Object.keys(scored[0] ?? {});
    names.forEach((first, at) => {
      for (const second of names.slice(at + 1)) {
        const both: [number, number][] = [];
        for (const scores of scored) {
          const a = scores[first] ?? null, b = scores[second] ?? null;
          if (a !== null && b !== null) both.push([a, b]);
        }
        if (both.length >= 2) this.#addPrompt(first, second, both);
      }
    });
  }

  /** The agreements so far, by pair of models in the order of the records. */
  result(): Agreement[] {
    return [...this.#pairs.values()].map(({ models, prompts, taus, ...same }) => ({
      models,
      prompts,
      tau: taus.length === 0 ? null : mean(taus),
      sameBest: same.sameBest / prompts,
      sameWorst: same.sameWorst / prompts,
    }));
  }

  #addPrompt(first: string, second: string, both: readonly [number, number][]): void {
    const key = JSON.stringify([first, second]);
    const pair = this.#pairs.get(key) ??
      { models: [first, second], prompts: 0, taus: [], sameBest: 0, sameWorst: 0 };
    this.#pairs.set(key, pair);
    const a = both.map(([score]) => score), b = both.map(([, score]) => score);
    pair.prompts++;
    const tau = kendallTau(a, b);
    if (tau !== null) pair.taus.push(tau);
    if (a.indexOf(Math.max(...a)) === b.indexOf(Math.max(...b))) pair.sameBest++;
    if (a.lastIndexOf(Math.min(...a)) === b.lastIndexOf(Math.min(...b))) pair.sameWorst++;
  }
}
