import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { EMBEDDED_POLICY } from "../../lib/model/embedded/paths.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
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
      { context: quiet },
    );
    const frame = await dpo.frame();
    assert.deepEqual(frame.getColumn("margin").toArray(), [3]);
    assert.deepEqual(frame.getColumn("id").toArray(), ["a"]);
  }),
);

Deno.test(
  "a prompted model shows itself as a frame",
  inFolder(async (folder) => {
    const out = join(folder, "model");
    const made = await createPromptedModel(
      { model: EMBEDDED_POLICY, out, variant: "think" },
      { context: quiet },
    );
    const frame = await made.frame();
    assert.deepEqual(frame.columns, ["out", "model_type", "eos_token", "eos_token_id", "template"]);
    assert.deepEqual(frame.toRecords()[0], {
      out,
      model_type: "llama",
      eos_token: "</s>",
      eos_token_id: 2,
      template: made.template,
    });
  }),
);
