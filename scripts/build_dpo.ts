// deno task build-dpo --in PATH --out DIR --format FORMAT --tokenizer DIR
/** Stage 3c: a DPO dataset from a policy's scored replies. */
import { runCommand } from "../lib/cli/command.ts";
import { buildDpo } from "../lib/dataset/dpo.ts";
import { BuildDpoOptions } from "../lib/dataset/dpo_options.ts";

if (import.meta.main) {
  await runCommand({
    name: "build-dpo",
    summary: "builds a DPO dataset, train and validation, from scored replies.",
    examples: [
      "build-dpo --in runs/scored --out runs/dpo --format prompted-think --tokenizer models/think",
      "build-dpo --in runs/scored --out runs/dpo --tokenizer models/qwen --min-margin 0.5",
    ],
    options: BuildDpoOptions,
    run: buildDpo,
  });
}
