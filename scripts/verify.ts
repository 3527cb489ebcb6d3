// deno task verify --in runs/demo
import { runStageCommand } from "../lib/cli/command.ts";
import { forTerminal } from "../lib/core/hidden_characters.ts";
import { makers, verify } from "../lib/stages.ts";

if (import.meta.main) {
  await runStageCommand(verify, async ({ in: paths, trace: id, lineage, quiet }) => {
    const { findings, lineages, trace } = await import("../lib/verify/verify.ts");
    if (id !== undefined) {
      for await (const line of trace(paths, id)) console.log(forTerminal(line));
      return 0;
    }
    const found = lineage ? lineages(paths) : findings(paths, makers);
    let wrong = 0, checked = 0;
    for await (const { folder, ok, what } of found) {
      checked++;
      if (!ok) wrong++;
      if (!ok || !quiet) console.log(forTerminal(`${ok ? "ok  " : "FAIL"} ${folder}: ${what}`));
    }
    console.log(`${checked} checks, ${wrong} failed`);
    return wrong === 0 ? 0 : 1;
  });
}
