import assert from "node:assert/strict";
import type { ScoredRecord } from "../../lib/core/records.ts";
import { winsOver } from "../../lib/report/compare.ts";
import { Extremes } from "../../lib/report/extremes.ts";
import { RepliesSummarizer } from "../../lib/view/replies_summary.ts";

const record = (id: string, ...scores: (number | null)[]) =>
  ({ id, responses: scores.map((score) => ({ score })) }) as unknown as ScoredRecord;

Deno.test("records stand at the end that they are furthest out at, each once", () => {
  const ends = new Extremes(3);
  const given = [record("apart", 9, -9), record("low", -5, -6), record("high", 20, 19)];
  for (const each of [record("a", 1, 2), record("b", 1, 2), ...given, record("one", 99)]) {
    ends.add(each);
  }
  const groups = ends.groups().map(({ records }) => records.map(({ id }) => id));
  assert.deepEqual(groups, [["apart"], ["low"], ["high"]]);
});

Deno.test("of equal records the first are kept, and what was not scored stands at no end", () => {
  const ends = new Extremes(2);
  for (const id of ["a", "b", "c", "d"]) ends.add(record(id, 1, 2));
  ends.add(record("none", null, null));
  const ids = ends.groups().flatMap(({ records }) => records.map(({ id }) => id));
  assert.deepEqual(ids, ["a", "b"]);
  const unscored = new Extremes(4);
  unscored.add(record("none", null));
  assert.deepEqual(unscored.groups(), []);
  assert.deepEqual(new Extremes(0).groups(), []);
});

const run = (means: Record<string, number>, by = "r") => ({
  name: "run",
  summary: new RepliesSummarizer(),
  means: new Map(Object.entries(means)),
  by: new Set([by]),
});

Deno.test("prompts are won by the mean reward, a tie as half, over those that both have", () => {
  const base = run({ a: 1, b: 1, c: 1, d: 1, alone: 9 });
  const won = winsOver(run({ a: 2, b: 2, c: 1, d: 0, other: 9 }), base);
  assert.match(won, /^62\.5% \[\d+\.\d%, \d+\.\d%\] of 4$/);
  // Two prompts of two say little: Wilson's interval, as the explorer's, is no single point.
  assert.equal(winsOver(run({ a: 2, b: 2 }), base), "100.0% [34.2%, 100.0%] of 2");
  assert.equal(winsOver(run({ a: 2 }), base), "no shared prompts");
  assert.equal(winsOver(run({ a: 2, b: 2 }, "another"), base), "another reward");
});
