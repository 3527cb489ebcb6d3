/** What the best of k replies is worth. Pure: the explorer's page runs this module too. */
import type { Numbers } from "./statistics.ts";

/**
 * The expected best of k among n scores, for k = 1 … n: the mean of the greatest over all ways to
 * take k of the n without putting back. An unbiased estimate of the best of k new samples, since
 * it is the U-statistic of the maximum: with the scores in rising order,
 * Σᵢ x₍ᵢ₎ · C(i−1, k−1) / C(n, k) (David and Nagaraja, Order Statistics, 3rd ed., ch. 3; for
 * scores of 0 and 1 it is pass@k of Chen et al., 2021, arXiv:2107.03374).
 *
 * @example
 * ```ts
 * import { expectedBestOfK } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(expectedBestOfK([1, 5, 1, 1]), [2, 3, 4, 5]);
 * ```
 */
export function expectedBestOfK(scores: Numbers): number[] {
  return bestOfEachK(Float64Array.from(scores).sort());
}

/** The same of any values, given in rising order of what they are chosen by. */
export function bestOfEachK(sorted: Numbers): number[] {
  const n = sorted.length;
  return Array.from({ length: n }, (_, index) => {
    const k = index + 1;
    // The weight of the greatest is C(n−1, k−1) / C(n, k) = k / n; each lower one by ratio.
    let weight = k / n, expected = 0;
    for (let i = n; i >= k; i--) {
      expected += weight * sorted[i - 1]!;
      weight *= (i - k) / (i - 1);
    }
    return expected;
  });
}

/** The expected best of k over prompts. */
export interface BestOfK {
  /** Replies that the best is of. */
  k: number;
  /** Mean over the prompts that have a score. */
  expected: number;
  /** Of those, the ones with at least k scores; the others give the best of all they have. */
  prompts: number;
}

/**
 * The expected best of k over many prompts, for k = 1 up to the most scores that a prompt has.
 * Every prompt with a score counts for every k, one with fewer than k (the rest being malformed) by
 * the best of all it has, so that the curve never falls.
 */
export function bestOfKCurve(prompts: Iterable<Numbers>): BestOfK[] {
  // Sums alone, so that memory does not grow with the prompts. A shorter curve goes on at its end.
  const sums: number[] = [], counts: number[] = [];
  let total = 0, ends = 0;
  for (const scores of prompts) {
    const curve = expectedBestOfK(scores), end = curve.at(-1);
    if (end === undefined) continue;
    while (sums.length < curve.length) {
      sums.push(ends);
      counts.push(0);
    }
    for (let index = 0; index < sums.length; index++) {
      sums[index]! += curve[index] ?? end;
      if (index < curve.length) counts[index]!++;
    }
    ends += end;
    total++;
  }
  return sums.map((sum, index) => ({
    k: index + 1,
    expected: sum / total,
    prompts: counts[index]!,
  }));
}
