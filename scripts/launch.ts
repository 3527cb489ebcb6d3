// deno task launch --stage NAME --shards N --out OUT … -- FLAGS [--then NAME FLAGS …]
/** Runs a stage's shards, and stages after it, on a SLURM cluster. */
import { runCommand } from "../lib/cli/command.ts";
import { launch } from "../lib/launch/launch.ts";
import { LaunchOptions } from "../lib/launch/launch_options.ts";
import { stages } from "../lib/stages.ts";

if (import.meta.main) {
  await runCommand({
    name: "launch",
    summary: "runs a stage's shards as a SLURM array, and the stages that follow it",
    examples: [
      "launch --stage sample-policy --shards 10 --partition gpu --gres gpu:1 --time 3:00:00 " +
      '--out runs/policy --serve "vllm serve {model} --port {port}" -- --prompts prompts.parquet ' +
      "--model vllm/models/think --tokenizer models/think --format prompted-think",
      "launch --stage sample-policy --shards 4 --out runs/policy -- --prompts prompts.jsonl " +
      "--model embedded --format prompted-think --then score-responses --reward-model embedded " +
      "--then build-dpo --tokenizer models/think",
      "launch --status --out runs/policy",
    ],
    options: LaunchOptions,
    rest: "FLAGS [--then NAME FLAGS …]",
    run: (options, context, { rest }) => launch(options, context, { rest, stages }),
  });
}
