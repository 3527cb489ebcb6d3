import assert from "node:assert/strict";
import { inputFiles } from "../../lib/io/inputs/input_files.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { splitOfName } from "../../lib/io/inputs/splits.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { all, inTemp, put, refuses } from "./temp.ts";

const saved = new URL("../fixtures/io/saved", import.meta.url).pathname;

Deno.test("the splits of a saved DatasetDict are never joined unasked", async () => {
  await refuses(readRows(saved), saved, "train, validation", "--split all");
  await refuses(readRows(saved, { split: "test" }), saved, "no split test", "train, validation");
  const files = await inputFiles(saved, { split: "validation" });
  assert.ok(files.every(({ path }) => path.includes("/validation/")));
});

Deno.test("test rows beside train rows are read where --split says so, and not as prompts otherwise", () =>
  inTemp(async (dir) => {
    const path = `${dir}/set`;
    await put(`${path}/README.md`, "# A set");
    for (const split of ["train", "test"]) {
      await put(`${path}/data/${split}-00000-of-00001.jsonl`, JSON.stringify({ prompt: split }));
    }
    const texts = async (split: string) =>
      (await all(readRows(path, { split }))).map(({ row }) => (row as { prompt: string }).prompt);
    assert.deepEqual(await texts("train"), ["train"]);
    assert.deepEqual(await texts("all"), ["test", "train"]);
    await assert.rejects(
      samplePolicy({
        prompts: path,
        model: "embedded",
        format: "prompted-think",
        out: `${dir}/out`,
      }),
      { name: "InputError", message: /several splits \(test, train\): name one with --split/ },
    );
  }));

Deno.test("a file's split is told by its shard's prefix or a word that datasets knows", () => {
  const splits = {
    "train-00000-of-00002.parquet": "train",
    "test_prefs-00000-of-00001.parquet": "test_prefs",
    "my.dev.jsonl": "validation",
    "eval_set.json": "test",
    "train2.json": "train",
    "gsm8k-test.csv": "test",
    "trainer.jsonl": null,
    "prompts.jsonl": null,
  };
  for (const [name, split] of Object.entries(splits)) assert.equal(splitOfName(name), split, name);
});
