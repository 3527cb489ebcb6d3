// deno task score-responses --in runs/policy --reward-model SPEC --out DIR --max-length 4096
import { runStageCommand } from "../lib/cli/command.ts";
import { scoreResponses } from "../lib/reward/stage.ts";

if (import.meta.main) await runStageCommand(scoreResponses);
