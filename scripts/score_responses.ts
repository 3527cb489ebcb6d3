// deno task score-responses --in runs/policy --reward-model SPEC --out DIR --max-length 4096
import { runStageCommand } from "../lib/cli/command.ts";
import { scoreResponses } from "../lib/reward/stage.ts";

if (import.meta.main) {
  await runStageCommand(scoreResponses, async (options, context) => {
    if (!options.estimate) return await scoreResponses(options, { context });
    const { estimateJudge } = await import("../lib/reward/stage.ts");
    const { judgeLines } = await import("../lib/reward/estimate_judge.ts");
    for (const line of judgeLines(await estimateJudge(options, { context }))) console.log(line);
  });
}
