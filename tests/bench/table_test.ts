import assert from "node:assert/strict";
import type { Row } from "../../scripts/bench/row.ts";
import { median } from "../../scripts/bench/row.ts";
import { insertBetween, renderTable } from "../../scripts/bench/table.ts";
import { runTask } from "../cli.ts";

const copied: Row = {
  what: "a model, copied",
  ours: "2.10 s",
  peer: "`cp`: 2.00 s",
  ratios: [1.2, 1.05, 1.04, 1.3],
  unit: "of cp's time",
  target: { text: "at most 1.1", met: false },
  note: "Two GB.",
};
const alone: Row = { what: "alone", ours: "9 MB", peer: "", ratios: [], unit: "" };
const once: Row = { ...alone, ratios: [12.345], unit: "times as fast" };

Deno.test("the table gives each row its median, its spread, and what it missed", () => {
  assert.equal(
    renderTable([copied, alone, once], { notes: false }),
    [
      "| what | thinkset | peer | ratio: median (least to most) | target |",
      "| --- | --- | --- | --- | --- |",
      "| a model, copied | 2.10 s | `cp`: 2.00 s | 1.13 (1.04 to 1.30) of cp's time | " +
      "at most 1.1: **missed** |",
      "| alone | 9 MB |  |  |  |",
      "| alone | 9 MB |  | 12.3, once times as fast |  |",
    ].join("\n"),
  );
  assert.ok(
    renderTable([copied], { notes: true }).endsWith("|\n\n- **a model, copied.** Two GB."),
  );
});

Deno.test("a median stands in the middle, whatever the order", () => {
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

Deno.test("a document's table is replaced between its marks, and nothing else is", () => {
  const before = "above\n<!-- bench -->\nold\n<!-- /bench -->\nbelow\n";
  const after = insertBetween(before, "bench", "new");
  assert.equal(after, "above\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\nbelow\n");
  assert.equal(insertBetween(after, "bench", "new"), after);
  assert.throws(() => insertBetween("no marks", "bench", "new"), /no <!-- bench -->/);
});

Deno.test("the documents that bench writes have their marks", () => {
  for (const path of ["README.md", "docs/benchmarks.md"]) {
    assert.match(insertBetween(Deno.readTextFileSync(path), "bench", "the table"), /the table/);
  }
});

Deno.test("bench tells of its flags and its rows, and refuses a row that there is not", async () => {
  const { code, stdout } = await runTask("bench", ["--help"]);
  assert.equal(code, 0);
  for (const word of ["--only", "--quick", "--pairs", "prompted", "scoring"]) {
    assert.ok(stdout.includes(word), word);
  }
  const wrong = await runTask("bench", ["--only", "speed"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^bench: --only speed: the rows are prompted, teacher/);
});
