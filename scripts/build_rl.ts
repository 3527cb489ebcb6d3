// deno task build-rl --prompts PATH --out DIR --data-source NAME --validation N
import { runStageCommand } from "../lib/cli/command.ts";
import { buildRl } from "../lib/dataset/rl/stage.ts";

if (import.meta.main) await runStageCommand(buildRl);
