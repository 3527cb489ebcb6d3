// deno task sample-policy --prompts PATH --model SPEC --tokenizer DIR --format prompted-think --out DIR
import { runStageCommand } from "../lib/cli/command.ts";
import { samplePolicy } from "../lib/policy/stage.ts";

if (import.meta.main) await runStageCommand(samplePolicy);
