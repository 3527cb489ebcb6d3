// deno task build-sft --in PATH --out DIR --variant think|nothink --tokenizer NAME=DIR
import { runStageCommand } from "../lib/cli/command.ts";
import { buildSft } from "../lib/dataset/sft/stage.ts";

if (import.meta.main) await runStageCommand(buildSft);
