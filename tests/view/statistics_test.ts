import assert from "node:assert/strict";
import fc from "fast-check";
import { bestOfKCurve, expectedBestOfK } from "../../lib/view/best_of_k.ts";
import {
  mean,
  pearson,
  quantile,
  ranks,
  spearman,
  standardDeviation,
} from "../../lib/view/statistics.ts";

const near = (a: number, b: number, rule = 1e-9) =>
  assert.ok(Math.abs(a - b) <= rule * Math.max(1, Math.abs(b)), `${a} must be ${b}`);

Deno.test("mean, deviation and quantiles are NumPy's", () => {
  assert.equal(mean([1, 2, 6]), 3);
  near(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), 2.138089935299395);
  assert.deepEqual([0, 0.25, 0.5, 1].map((share) => quantile([1, 2, 4, 8], share)), [
    1,
    1.75,
    3,
    8,
  ]);
  assert.equal(quantile([5], 0.3), 5);
  assert.ok(Number.isNaN(mean([])) && Number.isNaN(quantile([], 0.5)));
});

Deno.test("correlations are those of worked examples", () => {
  near(pearson([1, 2, 3, 4, 5], [2, 4, 5, 4, 5]), 0.7745966692414834);
  assert.equal(pearson([1, 2, 3], [-2, -4, -6]), -1);
  assert.ok(Number.isNaN(pearson([1, 1], [1, 2])));
  // Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
  near(spearman([10, 20, 20, 30], [1, 2, 3, 4]), 0.9486832980505138);
  assert.equal(spearman([1, 2, 3, 4], [1, 8, 27, 64]), 1);
});

Deno.test("equal values share the mean of their ranks", () => {
  assert.deepEqual([...ranks([5, 1, 5, 5, 0])], [4, 2, 4, 4, 1]);
  assert.deepEqual([...ranks([])], []);
});

/** The mean of the greatest over all subsets of k, by counting them. */
function byCounting(scores: number[], k: number): number {
  const best: number[] = [];
  const take = (from: number, left: number, top: number) => {
    if (left === 0) best.push(top);
    for (let i = from; i <= scores.length - left && left > 0; i++) {
      take(i + 1, left - 1, Math.max(top, scores[i]!));
    }
  };
  take(0, k, -Infinity);
  return best.reduce((a, b) => a + b) / best.length;
}

Deno.test("the expected best of k is the mean over all subsets of k", () => {
  const score = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(fc.property(fc.array(score, { minLength: 1, maxLength: 9 }), (scores) => {
    const expected = expectedBestOfK(scores);
    assert.equal(expected.length, scores.length);
    expected.forEach((value, index) => near(value, byCounting(scores, index + 1), 1e-9));
    near(expected[0]!, mean(scores));
    near(expected.at(-1)!, Math.max(...scores), 0);
  }));
});

Deno.test("the expected best of many does not overflow", () => {
  const scores = Float64Array.from({ length: 4096 }, (_, i) => i);
  const expected = expectedBestOfK(scores);
  near(expected[1]!, 2 * 4097 / 3 - 1, 1e-12);
});

Deno.test("a prompt with fewer scores than k counts by the best of all it has", () => {
  assert.deepEqual(bestOfKCurve([[1, 3], [5], []]), [
    { k: 1, expected: 3.5, prompts: 2 },
    { k: 2, expected: 4, prompts: 1 },
  ]);
  assert.deepEqual(bestOfKCurve([]), []);
});
