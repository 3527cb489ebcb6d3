import assert from "node:assert/strict";
import fc from "fast-check";
import { join } from "node:path";
import type { ScoredRecord } from "../../lib/core/records.ts";
import { AgreementTally, kendallTau } from "../../lib/view/agreement.ts";
import { agreementOfRuns } from "../../lib/view/run_agreement.ts";
import { inFolder, scoredRecord, writeLines } from "../dataset/records.ts";

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

Deno.test(
  "two runs of the same replies agree by prompt and reply, whatever their order, and name what is missing",
  inFolder(async (folder) => {
    const write = (name: string, rows: ScoredRecord[]) =>
      writeLines(join(folder, `${name}.jsonl`), rows);
    const records = [scoredRecord("a", [1, 2, null]), scoredRecord("b", [5, 4, 3])];
    const others = [scoredRecord("b", [30, 40, 50]), scoredRecord("c", [1, 2])];
    const again = { ...scoredRecord("a", [10, 20, 30]), reward_model: "other" };
    const first = await write("first", records), second = await write("second", [...others, again]);
    const { agreement: { prompts, tau, sameBest, models }, scores } = await agreementOfRuns(
      first,
      second,
    );
    assert.deepEqual([prompts, tau, sameBest], [2, 0, 0.5]);
    assert.deepEqual(scores.map(({ scores }) => scores), [[5, 4, 3, 1, 2], [30, 40, 50, 10, 20]]);
    assert.deepEqual(models, scores.map(({ name }) => name));
    assert.equal(models[1], "other");
    const twice = await agreementOfRuns(first, first);
    assert.equal(twice.agreement.tau, 1);
    const none = await write("none", [scoredRecord("z", [1, 2])]);
    await assert.rejects(agreementOfRuns(first, none), /no prompt of both has two replies/);
  }),
);
