/** The conditions of a proof, each at its edge. */
import assert from "node:assert/strict";
import type { EvaluatedFigure, EvaluatedRun } from "../../lib/evaluate/evaluate.ts";
import { conditionsOf, type ProvedModel } from "../../lib/prove/conditions.ts";

const changed = (value: number, spread = 0.01): EvaluatedFigure => {
  const change = { value, low: value - spread, high: value + spread };
  return { ...change, change };
};

function run(right: EvaluatedFigure, malformed = 0.1): EvaluatedRun {
  const figures = { right, malformed: { ...changed(0), value: malformed } };
  const counts = { prompts: 8, replies: 64, labelled: 8 };
  return { name: "", path: "", ...counts, figures, sources: [] };
}

function model(arm: string, sampled: EvaluatedRun, greedy = run(changed(0))): ProvedModel {
  const facts = { name: `${arm}-1`, seed: 1, round: 1, folder: "", weights: null };
  return { ...facts, arm, sampled, greedy };
}

/** Which conditions hold, by the beginnings of their words. */
function held(models: ProvedModel[], over?: number): Record<string, boolean> {
  const random = new Map(over === undefined ? [] : [["dpo-1", changed(over)]]);
  return Object.fromEntries(
    conditionsOf(models, random).map(({ what, ok }) => [what.split(" ").slice(0, 2).join(" "), ok]),
  );
}

Deno.test("DPO has to raise right answers beyond its interval, and by 4 points more than random pairs", () => {
  const holds = { "DPO raises": true, "at least": true, "greedy answers": true };
  assert.deepEqual(held([model("dpo", run(changed(0.05)))], 0.04), holds);
  assert.deepEqual(held([model("dpo", run(changed(0.05)))], 0.039), {
    ...holds,
    "at least": false,
  });
  const noise = model("dpo", run(changed(0.01)));
  assert.deepEqual(held([noise]), { "DPO raises": false, "greedy answers": true });
  const dull = model("dpo", run(changed(0.05)), run(changed(-0.031)));
  assert.deepEqual(held([dull]), { "DPO raises": true, "greedy answers": false });
});

Deno.test("flipped pairs have to do harm, and random pairs nothing at all", () => {
  assert.deepEqual(held([model("flipped", run(changed(-0.011)))]), { "flipped pairs": true });
  assert.deepEqual(held([model("flipped", run(changed(-0.01)))]), { "flipped pairs": false });
  assert.deepEqual(held([model("random", run(changed(0.2)))]), {});
});

Deno.test("the best of 8 has to bring over 10 points and a form that holds", () => {
  const best = (right: number, malformed: number) =>
    held([model("best-of-8", run(changed(right), malformed))]);
  assert.deepEqual(best(0.101, 0.029), { "SFT on": true, "and fewer": true });
  assert.deepEqual(best(0.1, 0.03), { "SFT on": false, "and fewer": false });
});

Deno.test("rejecting malformed replies has to halve them against plain DPO of the same seed", () => {
  const dpo = model("dpo", run(changed(0.05), 0.12));
  const rejecting = (malformed: number) => model("malformed", run(changed(0.1), malformed));
  assert.equal(held([dpo, rejecting(0.06)])["rejecting malformed"], true);
  assert.equal(held([dpo, rejecting(0.061)])["rejecting malformed"], false);
  assert.deepEqual(held([{ ...dpo, seed: 2 }, rejecting(0.061)])["rejecting malformed"], undefined);
});
