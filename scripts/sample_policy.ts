// deno task sample-policy --prompts PATH --model SPEC --tokenizer DIR --format prompted-think --out DIR
import { runStageCommand } from "../lib/cli/command.ts";
import { estimatePolicy, samplePolicy } from "../lib/policy/stage.ts";

if (import.meta.main) {
  await runStageCommand(samplePolicy, async (options, context) => {
    if (!options.estimate) return await samplePolicy(options, { context });
    const { estimateLines } = await import("../lib/model/paid/estimate.ts");
    for (const line of estimateLines(await estimatePolicy(options, { context }))) console.log(line);
  });
}
