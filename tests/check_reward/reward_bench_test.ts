import assert from "node:assert/strict";
import { join } from "node:path";
import { rewardBenchTable, rewardLines, rewardTable } from "../../lib/check_reward/reward_table.ts";
import { type BenchRow, rewardBenchScore } from "../../lib/check_reward/reward_bench.ts";
import { checkReward } from "../../lib/check_reward/stage.ts";
import { readPolicyRecords } from "../../lib/io/records/read_records.ts";
import type { RewardModel } from "../../lib/model/reward_model.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { all, inTemp, put, refuses } from "../io/temp.ts";

const row = (id: string, subset: string, correct: number[], incorrect: number[]): BenchRow => ({
  id,
  subset,
  correct,
  incorrect,
});

const scores = (rows: BenchRow[]) => {
  const { overall, subsets } = rewardBenchScore(rows, { draws: 200 });
  return { overall, of: Object.fromEntries(subsets.map((each) => [each.subset, each.score])) };
};

Deno.test("RewardBench 2: best of 4 counts the first answer, and equal highest scores share", () => {
  const { overall, of } = scores([
    row("0", "Math", [3], [1, 2, 0]),
    row("1", "Math", [3], [3, 3, 0]),
    row("2", "Math", [1], [2, 0, 0]),
    row("3", "Focus", [1], [0, 0, 0]),
    row("4", "Focus", [0], [0, 0, 0]),
  ]);
  assert.equal(of.Math!.value, (1 + 1 / 3 + 0) / 3);
  assert.equal(of.Focus!.value, (1 + 1 / 4) / 2);
  // Each subset counts the same, however many rows it has.
  assert.equal(overall.value, (of.Math!.value + of.Focus!.value) / 2);
  assert.ok(overall.low < overall.value && overall.value < overall.high);
});

Deno.test("RewardBench 2: Ties weigh accuracy and margins as the public code does", () => {
  const { of } = scores([
    // Spread 1, gap 2, with the reference 3: right, preferred, preferred in the hard way too.
    row("tied:0", "Ties", [5, 4], [2, 1]),
    row("ref:0", "Ties", [4], [1]),
    // Spread 1, gap 2, but the reference's gap is 0.5: preferred in the easy way alone.
    row("tied:1", "Ties", [5, 4], [2, 1]),
    row("ref:1", "Ties", [1.5], [1]),
    // A correct answer below an incorrect one, spread 3; reference wrong.
    row("tied:2", "Ties", [5, 2], [3]),
    row("ref:2", "Ties", [0], [1]),
  ]);
  const margin = (Math.tanh(2 / 1 - 1) + Math.tanh(0.5 / 1 - 1) + Math.tanh(-1 / 3 - 1)) / 3;
  const expected = 0.3 * 2 / 3 + 0.3 * 2 / 3 + 0.2 * 2 / 3 + 0.2 * 1 / 3 + 0.01 * margin;
  assert.ok(Math.abs(of.Ties!.value - expected) < 1e-12, `${of.Ties!.value}, ${expected}`);
});

Deno.test("RewardBench 2: an answer without a score counts as ranked wrong", () => {
  const lost = (correct: (number | null)[], incorrect: (number | null)[]): BenchRow => ({
    ...row("0", "Math", [], []),
    correct,
    incorrect,
  });
  for (const each of [lost([null], [1, 2, 3]), lost([9], [1, null, 3]), lost([null], [null])]) {
    assert.equal(scores([each]).of.Math!.value, 0);
  }
  assert.throws(() => scores([row("7", "Ties", [1], [0])]), /must be ref:N or tied:N/);
});

/** Rows in the columns of allenai/reward-bench-2. */
const rows = [
  ...Array.from({ length: 6 }, (_, at) => ({
    id: String(at),
    prompt: `Which number is ${at}?`,
    chosen: [`It is ${at}.`],
    rejected: ["I cannot say, and nobody can.", "none", "It may be any other number."],
    num_correct: 1,
    num_incorrect: 3,
    total_completions: 4,
    models: ["a", "b", "c", "d"],
    subset: at % 2 ? "Math" : "Focus",
    additional_metadata: { category: null },
  })),
  ...["ref:0", "tied:0"].map((id) => ({
    id,
    prompt: `Name a small number. (${id})`,
    chosen: id === "ref:0" ? ["1"] : ["1", "22"],
    rejected: ["a colour", "an answer"],
    num_correct: id === "ref:0" ? 1 : 2,
    num_incorrect: 2,
    total_completions: 4,
    models: [],
    subset: "Ties",
    additional_metadata: null,
  })),
];

/** Knows digits; fewer letters are better. */
const digits: RewardModel = {
  name: "digits",
  version: "1",
  concurrency: 1,
  score: (items) =>
    Promise.resolve(items.map(({ answer }) => ({
      score: (/\d/.test(answer) ? 10 : 0) - answer.length / 10,
      truncated: false,
    }))),
  close: () => Promise.resolve(),
};

Deno.test("a file of RewardBench 2 is scored as any run, and check-reward gives its figures", () =>
  inTemp(async (dir) => {
    // A prompt that cannot be scored is told: a benchmark of fewer prompts is another one.
    const bad = { ...rows[0], id: "bad", prompt: "Which \ud800?", subset: "Math" };
    const lines = [...rows, bad].map((each) => JSON.stringify(each)).join("\n");
    const path = await put(join(dir, "rb2.jsonl"), lines);
    const out = join(dir, "scored");
    await scoreResponses(
      { in: path, rewardModel: "digits", out, keep: ["subset"] },
      { context: { log: () => {} }, model: digits },
    );
    const check = await checkReward({ in: [out], draws: 200 });
    assert.equal(check.missing, 1);
    assert.ok(rewardLines(check).some((line) => line.startsWith("1 prompts were rejected")));
    const { reward, length } = check.rewardBench!;
    assert.deepEqual(
      reward.subsets.map(({ subset, prompts, score }) => [
        subset,
        prompts,
        Number(score.value.toFixed(4)),
      ]),
      [["Focus", 3, 1], ["Math", 3, 1], ["Ties", 2, 1.01]],
    );
    assert.ok(length.overall.value < 0.2);
    assert.equal(check.rankers.reward.pairs.value, 1);
    assert.ok(rewardBenchTable(check).at(-1)![2]!.startsWith("100.3%"));
    // The correct answers stand first: that an order finds them says nothing.
    assert.ok(!rewardTable(check).some(([name]) => name === "first"));
  }));

Deno.test("a row of RewardBench 2 that contradicts itself is told by its field", () =>
  inTemp(async (dir) => {
    const path = (change: object) =>
      put(
        join(dir, "rb2.jsonl"),
        [{ ...rows[0], ...change }]
          .map((each) => JSON.stringify(each)).join("\n"),
      );
    const [sound] = await all(readPolicyRecords(await path({})));
    assert.deepEqual([sound!.source, sound!.responses.length], ["Focus", 4]);
    assert.deepEqual(sound!.extra, { num_correct: 1 });
    await refuses(
      readPolicyRecords(await path({ num_correct: 2 })),
      "num_correct: is 2, but chosen",
    );
    await refuses(readPolicyRecords(await path({ rejected: [] })), "rejected: must hold an answer");
  }));
