// deno task build-sft --in PATH --out DIR --variant think|nothink --tokenizer NAME=DIR
/** Stage 2b: SFT datasets from a teacher's replies. */
import { runCommand } from "../lib/cli/command.ts";
import { buildSft } from "../lib/dataset/sft.ts";
import { BuildSftOptions } from "../lib/dataset/sft_options.ts";

if (import.meta.main) {
  await runCommand({
    name: "build-sft",
    summary: "builds SFT datasets, think or nothink, from a teacher's replies.",
    examples: [
      "build-sft --in runs/teacher --out runs/sft --variant think --tokenizer llama=models/llama",
      "build-sft --in runs/teacher --out runs/sft --twins --tokenizer a=models/a --tokenizer b=models/b",
    ],
    options: BuildSftOptions,
    run: buildSft,
  });
}
