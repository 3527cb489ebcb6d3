// deno task build-rl --prompts PATH --out DIR --data-source NAME --validation N
/** Prompts for RL, in verl's schema. */
import { runCommand } from "../lib/cli/command.ts";
import { buildRl, BuildRlOptions } from "../lib/dataset/rl.ts";

if (import.meta.main) {
  await runCommand({
    name: "build-rl",
    summary: "builds a dataset of prompts in verl's schema.",
    examples: [
      "build-rl --prompts prompts.parquet --out runs/rl --data-source wildchat --validation 500",
      "build-rl --prompts gsm8k.jsonl --out runs/rl --data-source openai/gsm8k --ground-truth-key answer",
    ],
    options: BuildRlOptions,
    run: buildRl,
  });
}
