import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo.ts";
import { inFolder, quiet, scoredRecord, writeLines } from "../dataset/records.ts";
import { makeTokenizer } from "../dataset/tiny_tokenizer.ts";

Deno.test(
  "a dataset that was built shows itself as a frame",
  inFolder(async (folder) => {
    const path = await writeLines(join(folder, "scored.jsonl"), [
      scoredRecord("a", [0.5, 2, -1, 1]),
    ]);
    const tokenizer = await makeTokenizer(join(folder, "tokenizer"));
    const dpo = await buildDpo(
      { in: path, out: join(folder, "out"), tokenizer, trainSplit: 1 },
      quiet,
    );
    const frame = await dpo.frame();
    assert.deepEqual(frame.getColumn("margin").toArray(), [3]);
    assert.deepEqual(frame.getColumn("id").toArray(), ["a"]);
  }),
);
