// deno task check-training --in runs/sft --tokenizer models/qwen3 --trainer trl
import { runStageCommand } from "../lib/cli/command.ts";
import { forTerminal } from "../lib/core/hidden_characters.ts";
import { checkTraining } from "../lib/training/stage.ts";

if (import.meta.main) {
  await runStageCommand(checkTraining, async (options, context) => {
    const { linesOf } = await import("../lib/training/summary.ts");
    const { checks, ok } = await checkTraining(options, { context });
    for (const check of checks) {
      for (const line of linesOf(check)) console.log(forTerminal(line));
    }
    return ok ? 0 : 1;
  });
}
