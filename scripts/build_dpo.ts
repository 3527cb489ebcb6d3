// deno task build-dpo --in PATH --out DIR --format FORMAT --tokenizer DIR
import { runStageCommand } from "../lib/cli/command.ts";
import { buildDpo } from "../lib/dataset/dpo/stage.ts";

if (import.meta.main) await runStageCommand(buildDpo);
