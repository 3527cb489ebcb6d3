import assert from "node:assert/strict";
import { RunError } from "../../lib/core/errors.ts";
import type { Answer } from "../../lib/core/answer.ts";
import { type DefectName, defectsInScores } from "../../lib/check_reward/defects.ts";
import { probe } from "../../lib/check_reward/probe.ts";
import {
  bestOfKWorth,
  bestWorth,
  calibration,
  marginsOf,
  rankedPairs,
} from "../../lib/evaluate/ranking.ts";
import { rewardLines, rewardTable } from "../../lib/check_reward/reward_table.ts";
import { checkFloor } from "../../lib/check_reward/check_floor.ts";
import { checkReward } from "../../lib/check_reward/stage.ts";
import type { RewardModel, ScoringItem } from "../../lib/model/reward_model.ts";
import { inTemp, put } from "../io/temp.ts";
import { chatReply } from "../chat_reply.ts";

const graded = (scores: number[], worths: number[], lengths = scores.map(() => 1)) =>
  scores.map((score, at) => ({ score, worth: worths[at]!, length: lengths[at]! }));

Deno.test("pairs, the best and the best of k are counted as by hand; equal scores share", () => {
  const three = graded([3, 2, 2], [0, 1, 0]);
  assert.deepEqual(rankedPairs(three), { of: 0.5, all: 2 });
  assert.deepEqual(bestWorth(three), { of: 0, all: 1 });
  assert.deepEqual(bestWorth(graded([2, 2], [0, 1])), { of: 0.5, all: 1 });
  const curve = bestOfKWorth(graded([1, 2, 3], [0, 0, 1]));
  assert.deepEqual(curve.map((worth) => worth.toFixed(4)), ["0.3333", "0.6667", "1.0000"]);
  const bins = calibration(marginsOf(graded([1, 3, 4], [1, 0, 1])), 1);
  assert.deepEqual(bins.map(({ pairs, right }) => [pairs, right]), [[2, 0.5]]);
});

/** Prompts whose answers differ in truth and, against it, in length. */
const prompts = Array.from({ length: 40 }, (_, p) => ({
  id: `p${p}`,
  question: `What number is ${"in words ".repeat(p % 5)}number ${p}?`,
  answers: Array.from({ length: 6 }, (_, i) => ({
    text: `${i % 2 ? p : "it may be some other"} ${"and so ".repeat((i * 5 + p) % 7)}`.trim(),
    right: i % 2 === 1,
  })),
}));

/** A sound reward: the truth, and something of every character of prompt and answer. */
function sound({ prompt, answer }: ScoringItem): number {
  const last = prompt.at(-1)!.content;
  let noise = 0;
  for (const [at, letter] of [...last, ...answer].entries()) {
    noise = (noise * 31 + letter.charCodeAt(0) * (at + 1)) % 9973;
  }
  return (/^\d/.test(answer) ? 3 : -3) + noise / 5000;
}

type Scorer = (items: readonly ScoringItem[]) => number[];
const each = (score: (item: ScoringItem) => number): Scorer => (items) => items.map(score);
const cutPrompt = (item: ScoringItem): ScoringItem => ({
  ...item,
  prompt: item.prompt.map((turn) => ({ ...turn, content: turn.content.slice(0, 90) })),
});

/** A reward for each defect, planted. */
const PLANTED: Record<DefectName, { score: Scorer; tokensOf?: RewardModel["tokensOf"] }> = {
  squashed: { score: each((item) => 1 / (1 + Math.exp(-sound(item)))) },
  batch_dependent: { score: (items) => items.map((item) => sound(item) + 0.3 * items.length) },
  sign_turned: { score: each((item) => -sound(item)) },
  length_alone: { score: each(({ answer }) => answer.length) },
  prompt_unread: { score: each((item) => sound(cutPrompt(item))) },
  answer_cut: {
    score: each((item) => sound({ ...item, answer: item.answer.slice(0, 60) as Answer })),
  },
  two_bos: { score: each(sound), tokensOf: () => Promise.resolve([1, 1, 5, 6]) },
  constant: { score: each(() => 0.25) },
  not_finite: { score: each((item) => /7/.test(item.answer) ? NaN : sound(item)) },
};

function modelOf({ score, tokensOf }: { score: Scorer; tokensOf?: RewardModel["tokensOf"] }) {
  const model: RewardModel = {
    name: "planted",
    version: "1",
    concurrency: 1,
    ...(tokensOf ? { tokensOf } : {}),
    score: (items) => Promise.resolve(score(items).map((score) => ({ score, truncated: false }))),
    close: () => Promise.resolve(),
  };
  return model;
}

const itemOf = ({ id, question }: typeof prompts[0], answer: string): ScoringItem => ({
  id,
  prompt: [{ role: "user", content: question }],
  answer: answer as Answer,
});

/** All that a check finds in a reward: of its scores, of probing it, of its ranks. */
async function defectsOf(planted: { score: Scorer; tokensOf?: RewardModel["tokensOf"] }) {
  const model = modelOf(planted);
  const probed = await probe(model, prompts.map((p) => itemOf(p, p.answers[1]!.text)), {
    maxLength: 4096,
  });
  const records = await Promise.all(prompts.map(async (p) => {
    const scores = await model.score(p.answers.map(({ text }) => itemOf(p, text)), {
      maxLength: 4096,
    });
    return p.answers.map(({ text, right }, at) => ({
      score: scores[at]!.score!,
      worth: right ? 1 : 0,
      length: text.length,
    }));
  }));
  const names = new Set([...probed.defects, ...defectsInScores(records)].map(({ name }) => name));
  return { names, probed };
}

for (const name of Object.keys(PLANTED) as DefectName[]) {
  if (name === "sign_turned") continue;
  Deno.test(`a reward with the defect ${name} is told by that name, and by no other`, async () => {
    const { names } = await defectsOf(PLANTED[name]);
    // What goes by length alone, or is constant, reads no prompt either.
    if (name === "length_alone") names.delete("prompt_unread");
    assert.deepEqual([...names], [name]);
  });
}

Deno.test("a rule that reads no prompt, and to which long answers are wrong, has no defect", async () => {
  const rule = { ...modelOf({ score: each(({ answer }) => /^\d+$/.test(answer) ? 1 : 0) }) };
  const items = prompts.map((p) => itemOf(p, p.answers[1]!.text));
  const { defects } = await probe({ ...rule, readsPrompt: false }, items, { maxLength: 4096 });
  assert.deepEqual(defects, []);
});

Deno.test("a sound reward has no defect, and what harmless changes do to it is told", async () => {
  const { names, probed } = await defectsOf({ score: each(sound) });
  assert.deepEqual([...names], []);
  assert.deepEqual(Object.keys(probed.sensitivity).length, 4);
  assert.ok(Object.values(probed.sensitivity).every((shift) => shift >= 0));
});

async function written(dir: string, score: Scorer) {
  const rows = prompts.map((p) => ({
    id: p.id,
    source: Number(p.id.slice(1)) % 2 ? "odd" : "even",
    prompt: [{ role: "user", content: p.question }],
    format: "chat",
    model: "m",
    reward_model: "planted",
    extra: { expected: p.answers.filter(({ right }) => right).map(({ text }) => text) },
    responses: p.answers.map(({ text }, index) => ({
      ...chatReply(text, index),
      score: score([itemOf(p, text)])[0],
    })),
  }));
  return await put(`${dir}/scored.jsonl`, rows.map((row) => JSON.stringify(row)).join("\n"));
}

Deno.test("against labels a sound reward ranks all, beside baselines with intervals and sources", () =>
  inTemp(async (dir) => {
    const check = await checkReward({ in: [await written(dir, each(sound))], draws: 200 });
    assert.equal(check.rankers.reward.pairs.value, 1);
    assert.equal(check.rankers.random.pairs.value, 0.5);
    assert.ok(check.rankers.length.pairs.value < 0.5);
    assert.ok(check.beyondLength.low > 0.4);
    assert.equal(check.pairs, 40 * 9);
    assert.equal(check.bestOfK.length, 6);
    assert.deepEqual(check.sources.map(({ source, prompts }) => [source, prompts]), [
      ["even", 20],
      ["odd", 20],
    ]);
    assert.deepEqual(check.defects, []);
    assert.equal(rewardTable(check).length, 7);
    assert.ok(rewardLines(check)[0]!.startsWith("360 pairs of 40 prompts, held against labels"));
    checkFloor(check, 0.9);
  }));

Deno.test("a reward whose sign is turned is told so, and is below every floor", () =>
  inTemp(async (dir) => {
    const path = await written(dir, PLANTED.sign_turned.score);
    const check = await checkReward({ in: [path], draws: 200, out: `${dir}/check.json` });
    assert.deepEqual(check.defects.map(({ name }) => name), ["sign_turned"]);
    assert.throws(() => checkFloor(check, 0.6), RunError);
    assert.equal(
      JSON.parse(await Deno.readTextFile(`${dir}/check.json`)).rankers.reward.pairs.value,
      0,
    );
    await assert.rejects(
      checkReward({ in: [path], labelKey: "other", draws: 200 }),
      /nothing is known of any scored reply: give --labels PATH/,
    );
    await assert.rejects(
      checkReward({ in: [path], score: "nobody", draws: 200 }),
      /--score nobody: the records hold the scores of none/,
    );
  }));
