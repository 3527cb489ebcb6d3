import assert from "node:assert/strict";
import type { ScoredRecord } from "../../lib/core/records.ts";
import { RepliesBy } from "../../lib/view/replies_by.ts";

const record = (source: string, scores: (number | null)[], extra?: Record<string, unknown>) =>
  ({
    id: `${source}${scores}`,
    source,
    model: "m",
    extra,
    responses: scores.map((score) => ({ score, malformed: score === null ? "missing_tag" : null })),
  }) as unknown as ScoredRecord;

Deno.test("prompts are told by source and by each kept column, with rewards, intervals, malformed", () => {
  const by = new RepliesBy();
  by.add(record("wild", [1, 3], { level: 1, label: "a", nested: { x: 1 } }));
  by.add(record("wild", [5, null], { level: 2, label: null, nested: {} }));
  by.add(record("math", [null], { level: 1, label: "a", nested: {} }));
  const [source, level, label, ...others] = by.result();
  assert.deepEqual(others, []);
  assert.equal(source!.column, "source");
  const [wild, math] = source!.groups;
  assert.deepEqual(
    [wild!.value, wild!.prompts, wild!.replies, wild!.malformed, wild!.reward, wild!.best],
    ["wild", 2, 4, 1, 3.5, 4],
  );
  assert.ok(wild!.interval.low < 3.5 && wild!.interval.high > 3.5);
  assert.deepEqual([math!.value, math!.malformed, math!.reward], ["math", 1, NaN]);
  assert.deepEqual(level!.groups.map(({ value, prompts }) => [value, prompts]), [["1", 2], [
    "2",
    1,
  ]]);
  assert.deepEqual(label!.groups.map(({ value }) => value), ["a", "(none)"]);
});

Deno.test("a column of one value, or of a value a prompt, makes no table; replies of several models do", () => {
  const by = new RepliesBy();
  for (let at = 0; at < 60; at++) by.add(record("one", [at], { truth: at }));
  assert.deepEqual(by.result(), []);
  const pooled = record("one", [1, 2]);
  pooled.responses[0]!.model = "a";
  pooled.responses[1]!.model = "b";
  by.add(pooled);
  assert.deepEqual(
    by.result().map(({ column, groups }) => [column, groups.map(({ best }) => best)]),
    [
      ["model", [1, 2]],
    ],
  );
});
