import assert from "node:assert/strict";
import fc from "fast-check";
import { AgreementTally, kendallTau } from "../../lib/view/agreement.ts";

Deno.test("tau-b counts ties as scipy.stats.kendalltau does", () => {
  // The first is the example in SciPy's documentation; the second is 5 / sqrt(6 * 5).
  assert.ok(
    Math.abs(kendallTau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])! + 0.47140452079103173) < 1e-12,
  );
  assert.ok(Math.abs(kendallTau([1, 2, 3, 4], [1, 2, 2, 4])! - 0.9128709291752769) < 1e-12);
  assert.equal(kendallTau([1, 2, 2], [5, 5, 5]), null);
});

Deno.test("tau-b lies between -1 and 1, is symmetric, and turns with the order", () => {
  const scores = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })),
    {
      minLength: 2,
      maxLength: 12,
    },
  );
  fc.assert(fc.property(scores, (both) => {
    const a = both.map(([x]) => x), b = both.map(([, y]) => y);
    const tau = kendallTau(a, b);
    if (tau === null) return;
    assert.ok(Math.abs(tau) <= 1 + 1e-12);
    assert.equal(kendallTau(b, a), tau);
    assert.equal(kendallTau(a, b.map((y) => -y)), -tau + 0);
  }));
});

Deno.test("agreement over prompts: tau, the same best and the same worst", () => {
  const tally = new AgreementTally();
  const prompt = (...scores: [number | null, number | null][]) =>
    tally.add(scores.map(([x, y]) => ({ scores: { x, y } })));
  prompt([1, 10], [2, 20], [3, 30]);
  prompt([1, 30], [2, 20], [3, 10]);
  prompt([1, 10], [null, 99], [3, 30], [2, 40]);
  prompt([1, 1]);
  tally.add([{}, {}]);
  const [{ models, prompts, tau, sameBest, sameWorst }] = tally.result() as [
    ReturnType<AgreementTally["result"]>[0],
  ];
  assert.deepEqual(models, ["x", "y"]);
  assert.equal(prompts, 3);
  assert.ok(Math.abs(tau! - (1 - 1 + 1 / 3) / 3) < 1e-12);
  assert.deepEqual([sameBest, sameWorst], [1 / 3, 2 / 3]);
});
