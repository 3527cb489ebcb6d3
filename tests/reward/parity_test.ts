import assert from "node:assert/strict";
import { Answer } from "../../lib/core/records.ts";
import type { RewardModel, ScoringItem } from "../../lib/model/reward_model.ts";
import { checkParity, describeParity } from "../../lib/reward/parity.ts";

const items: ScoringItem[] = ["a", "bbbb", "cc"].map((answer) => ({
  id: "p",
  prompt: [{ role: "user", content: "?" }],
  answer: Answer.parse(answer),
}));

/** Scores by length; `padding` moves the shorter ones of a batch. */
const model = (padding: number): RewardModel => ({
  name: "rm",
  concurrency: 1,
  score: (batch) => {
    const longest = Math.max(...batch.map(({ answer }) => answer.length));
    return Promise.resolve(batch.map(({ answer }) => ({
      score: answer.length + padding * (longest - answer.length),
      truncated: false,
    })));
  },
  close: () => Promise.resolve(),
});

Deno.test("a model whose scores depend on the batch is told of", async () => {
  const parity = await checkParity(model(0.5), items, { maxLength: 9 });
  assert.deepEqual(parity, { items: 3, largest: 1.5, beyond: 2 });
  assert.match(describeParity("rm", parity), /differ by at most 1\.5; 2 by more than 0\.05: /);
});

Deno.test("rounding is within the tolerance", async () => {
  const parity = await checkParity(model(0.01), items, { maxLength: 9 });
  assert.deepEqual([parity.items, parity.beyond], [3, 0]);
  assert.match(describeParity("rm", parity), /at most 0\.030 \(tolerance 0\.05\)/);
});

Deno.test("a score that is no number is a difference", async () => {
  const parity = await checkParity(model(NaN), items, { maxLength: 9 });
  assert.equal(parity.beyond, 3);
});
