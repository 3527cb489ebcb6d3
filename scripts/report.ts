// deno task report --in DIR [--in DIR …] --out FILE.html
import { runStageCommand } from "../lib/cli/command.ts";
import { report } from "../lib/stages.ts";

if (import.meta.main) {
  await runStageCommand(report, async (options, context) => {
    const { out } = await report(options, { context });
    console.log(`wrote ${out}`);
  });
}
