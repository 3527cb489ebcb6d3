import assert from "node:assert/strict";
import { InputError } from "../../lib/core/errors.ts";
import { ScoreScale } from "../../lib/dataset/dpo/score_scale.ts";

const replies = [
  { score: 1, scores: { a: 1, b: 1000 } },
  { score: 2, scores: { a: 2, b: -1000 } },
  { score: 3, scores: { a: 3, b: 0 } },
];

function scale(choice: string): ScoreScale {
  const made = new ScoreScale(choice);
  for (const reply of replies) made.add(reply);
  return made;
}

const deviation = Math.sqrt(2 / 3);

Deno.test("mean and min combine scores that were standardized, so no scale wins", () => {
  const near = (found: (number | null)[], expected: number[]) =>
    found.forEach((value, at) => assert.ok(Math.abs(value! - expected[at]!) < 1e-9, `${found}`));
  const z = 1 / deviation;
  near(replies.map((reply) => scale("mean").of(reply)), [0, -z / 2, z / 2]);
  near(replies.map((reply) => scale("min").of(reply)), [-z, -z, 0]);
});

Deno.test("a model's name gives its raw scores, score the record's own", () => {
  assert.deepEqual(replies.map((reply) => scale("b").of(reply)), [1000, -1000, 0]);
  assert.deepEqual(replies.map((reply) => scale("score").of(reply)), [1, 2, 3]);
  assert.throws(() => scale("c").of(replies[0]!), (error) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.message, "--score c: the replies have scores of a, b");
    return true;
  });
});

Deno.test("a reply without one of the scores has none", () => {
  assert.equal(scale("mean").of({ score: 1, scores: { a: 1, b: null } }), null);
  assert.equal(scale("mean").of({ score: 1, scores: { a: 1 } }), null);
  assert.equal(scale("mean").of({ score: null }), null);
  assert.equal(scale("score").of({ score: null }), null);
  assert.equal(scale("a").of({ score: null }), null);
});

Deno.test("equal scores of a model have no say", () => {
  const flat = new ScoreScale("mean");
  for (const score of [5, 5]) flat.add({ score });
  assert.equal(flat.of({ score: 5 }), 0);
});
