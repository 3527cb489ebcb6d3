import assert from "node:assert/strict";
import { jsonOf } from "../../lib/io/prompts/kept_columns.ts";
import { isBadRow } from "../../lib/io/rows/bad_rows.ts";
import { readPromptRows, readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { readTeacherRecords } from "../../lib/io/records/read_records.ts";
import { all, inTemp, put, refuses } from "./temp.ts";

Deno.test("a kept column stands in extra, null where a row lacks it", async () => {
  await inTemp(async (dir) => {
    const rows = [{ prompt: "a", category: "x", n: 1 }, { prompt: "b", n: 2 }];
    const path = await put(`${dir}/p.json`, rows);
    const prompts = await all(readPrompts(path, { keep: ["category", "n"] }));
    assert.deepEqual(prompts.map(({ extra }) => extra), [
      { category: "x", n: 1 },
      { category: null, n: 2 },
    ]);
    assert.ok((await all(readPrompts(path))).every((prompt) => !("extra" in prompt)));
  });
});

Deno.test("a column that no row has is an error which names those that are there", async () => {
  await inTemp(async (dir) => {
    const path = await put(`${dir}/p.json`, [{ prompt: "a", category: "x" }]);
    const rows = readPrompts(path, { keep: ["categry"] });
    await refuses(
      rows,
      path,
      "no row has the column categry",
      "--keep",
      "the row has prompt, category",
    );
  });
});

Deno.test("records bring their own extra along, and give it to prompts that ask for it", async () => {
  await inTemp(async (dir) => {
    const record = {
      id: "1",
      source: "s",
      messages: [{ role: "user", content: "a" }],
      thought: null,
      response: "b",
      model: "m",
      finish_reason: "stop",
      usage: { prompt_tokens: 0, completion_tokens: 0, reasoning_tokens: 0 },
      extra: { category: "x", truth: 4 },
      level: 3,
    };
    const path = await put(`${dir}/r.jsonl`, record);
    const [read] = await all(readTeacherRecords(path, { keep: ["level"] }));
    assert.deepEqual(read!.extra, { category: "x", truth: 4, level: 3 });
    const [prompt] = await all(readPrompts(path, { keep: ["category"] }));
    assert.deepEqual(prompt!.extra, { category: "x" });
  });
});

Deno.test("a cell that is nested without end is a bad row, named; what objects inherit is no column", () =>
  inTemp(async (dir) => {
    const deep = '{"prompt":"a","deep":' + "[".repeat(100_000) + "]".repeat(100_000) + "}\n";
    const path = await put(`${dir}/p.jsonl`, `{"prompt":"b","deep":[[1]]}\n${deep}`);
    const [row, bad] = await all(readPromptRows(path, { keep: ["deep"] }));
    assert.deepEqual((row as { extra: unknown }).extra, { deep: [[1]] });
    assert.ok(isBadRow(bad!));
    assert.equal(bad.fault.detail, `${path}:2: deep: must not be nested more than 200 deep`);
    const named = readPromptRows(path, { keep: ["constructor"] });
    await refuses(named, path, "no row has the column constructor");
  }));

Deno.test("cells become what JSON holds", () => {
  assert.equal(jsonOf(5n), 5);
  assert.equal(jsonOf(2n ** 60n), "1152921504606846976");
  assert.equal(jsonOf(NaN), null);
  assert.equal(jsonOf(new Date(0)), "1970-01-01T00:00:00.000Z");
  assert.deepEqual(jsonOf({ a: [1n, undefined], b: new Uint8Array(2) }), { a: [1, null], b: null });
});
