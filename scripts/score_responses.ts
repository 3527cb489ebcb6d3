// deno task score-responses --in runs/policy --reward-model SPEC --out DIR --max-length 4096
import { runStageCommand } from "../lib/cli/command.ts";
import { estimateJudge, scoreResponses } from "../lib/reward/stage.ts";

if (import.meta.main) {
  await runStageCommand(scoreResponses, async (options, context) => {
    if (!options.estimate) return await scoreResponses(options, { context });
    const { estimateLines } = await import("../lib/model/paid/estimate.ts");
    for (const line of estimateLines(await estimateJudge(options, { context }))) console.log(line);
  });
}
