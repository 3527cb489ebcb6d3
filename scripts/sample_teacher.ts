// deno task sample-teacher --prompts PATH --model SPEC --out DIR --thinking simulated
import { runStageCommand } from "../lib/cli/command.ts";
import { estimateTeacher, sampleTeacher } from "../lib/teacher/stage.ts";

if (import.meta.main) {
  await runStageCommand(sampleTeacher, async (options, context) => {
    if (!options.estimate) return await sampleTeacher(options, { context });
    const { estimateLines } = await import("../lib/model/paid/estimate.ts");
    for (const line of estimateLines(await estimateTeacher(options, { context }))) {
      console.log(line);
    }
  });
}
