import assert from "node:assert/strict";
import { defaultContext } from "../../lib/core/context.ts";
import { RowsProgress } from "../../lib/run/rows_progress.ts";

Deno.test("rows are told every ten seconds with their rate, what is read and what is left (33)", () => {
  const said: string[] = [];
  let now = 0;
  const context = defaultContext({
    progress: "plain",
    log: (line) => void said.push(line),
    monotonic: () => now,
  });
  const progress = new RowsProgress(context, "build-sft", 1000);
  for (let row = 1; row <= 2560; row++) {
    now += 10;
    progress.read(0.1);
    progress.row();
  }
  progress.end();
  assert.deepEqual(said, [
    "build-sft: 1,024 rows · 100/s · 10% read · 90 s left",
    "build-sft: 2,048 rows · 100/s · 20% read · 80 s left",
  ]);
});

Deno.test("with no progress asked for nothing is told, and without sizes no share", () => {
  const said: string[] = [];
  let now = 0;
  const log = (line: string) => void said.push(line);
  const monotonic = () => now += 20_000;
  for (const progress of ["none", "plain"] as const) {
    const rows = new RowsProgress(defaultContext({ progress, log, monotonic }), "report: x");
    for (let row = 0; row < 64; row++) rows.row();
  }
  assert.deepEqual(said, ["report: x: 64 rows · 3.2/s"]);
});
