import assert from "node:assert/strict";
import type { ProgressSnapshot } from "../../lib/core/context.ts";
import { cellProgress, progressBundle } from "../../lib/view/cell_progress.ts";

const snapshot = (kept: number): ProgressSnapshot => ({
  stage: "sample-policy",
  total: 10,
  kept,
  rejected: 1,
  failed: 0,
  rate: 2,
  etaSeconds: null,
  tokens: 0,
  retries: 0,
});

Deno.test("progress is displayed once and then updated in place, in order", async () => {
  const seen: [text: string, update: boolean, id: string][] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  const { context } = cellProgress(async (bundle, { displayId, update }) => {
    await held;
    seen.push([bundle["text/plain"]!, update, displayId]);
  });
  for (const kept of [1, 2, 3]) context!.onProgress!(snapshot(kept));
  release();
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assert.deepEqual(seen.map(([text]) => text.match(/(\d+) kept/)?.[1]), ["1", "2", "3"]);
  assert.deepEqual(seen.map(([, update]) => update), [false, true, true]);
  assert.equal(new Set(seen.map(([, , id]) => id)).size, 1);
});

Deno.test("the bar counts rejected items as done, and its line holds no markup", () => {
  const bundle = progressBundle({ ...snapshot(4), stage: "<img>" });
  assert.match(bundle["text/html"]!, /value="5" max="10"/);
  assert.doesNotMatch(bundle["text/html"]!, /<img>/);
});

Deno.test("outside a notebook nothing is shown", () => {
  assert.equal(cellProgress().context!.onProgress, undefined);
});
