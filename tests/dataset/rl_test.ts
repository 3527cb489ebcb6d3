import assert from "node:assert/strict";
import { join } from "node:path";
import { numpyPermutation } from "../../lib/core/numpy_random.ts";
import { buildRl } from "../../lib/dataset/rl/stage.ts";
import { readArrowRows } from "../../lib/io/rows/arrow_rows.ts";
import { inFolder, quiet, rejectsOf, writeLines } from "./records.ts";

Deno.test(
  "Prompts become verl's rows in NumPy's order, with the last ones held out",
  inFolder(async (folder) => {
    const prompts = Array.from({ length: 10 }, (_, index) => ({
      id: `p${index}`,
      source: "made",
      messages: [{ role: "user", content: `q${index}` }, { role: "assistant", content: "old" }],
      answer: index,
    }));
    const path = await writeLines(join(folder, "prompts.jsonl"), prompts);
    const out = join(folder, "out");
    const options = { dataSource: "math", groundTruthKey: "answer", validation: 3, seed: 42 };
    await buildRl({ prompts: path, out, saveToDisk: true, ...options }, { context: quiet });
    const rowsOf = (split: string) =>
      Array.fromAsync(readArrowRows(join(out, "arrow", split, "data-00000-of-00001.arrow")));
    const expected = [...numpyPermutation(42, 10)].map((index, place) => ({
      data_source: "math",
      prompt: [{ role: "user", content: `q${index}` }],
      ability: "chat",
      reward_model: { style: "rule", ground_truth: String(index) },
      extra_info: {
        split: place < 7 ? "train" : "validation",
        index: place < 7 ? place : place - 7,
        id: `p${index}`,
        source: "made",
      },
    }));
    assert.deepEqual(await rowsOf("train"), expected.slice(0, 7));
    assert.deepEqual(await rowsOf("validation"), expected.slice(7));
  }),
);

Deno.test(
  "Prompts that no trainer can use are rejected, and too few left is said",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "prompts.jsonl"), [
      { id: "a", prompt: "Hi", answer: "x" },
      { id: "blank", prompt: " \n", answer: "x" },
      { id: "half", prompt: "\ud83d", answer: "x" },
      { id: "no truth", prompt: "Ho" },
    ]);
    const out = join(folder, "out");
    const options = { prompts: path, out, groundTruthKey: "answer" };
    await assert.rejects(
      buildRl({ ...options, validation: 1 }, { context: quiet }),
      /1 prompts are left/,
    );
    await buildRl(options, { context: quiet });
    assert.deepEqual(await rejectsOf(out), [
      "blank: empty_prompt",
      "half: invalid_unicode",
      "no truth: no_ground_truth",
    ]);
  }),
);
