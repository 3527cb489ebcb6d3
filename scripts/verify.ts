// deno task verify --in runs/demo
import { runStageCommand } from "../lib/cli/command.ts";
import { forTerminal } from "../lib/core/hidden_characters.ts";
import { makers, verify } from "../lib/stages.ts";

/** With --quiet a line as often as this tells how far it is. */
const TELL_MS = 10_000;

if (import.meta.main) {
  await runStageCommand(verify, async ({ in: given, trace: id, lineage, quiet }, context) => {
    const paths = [given].flat();
    const { findings, lineages, trace } = await import("../lib/verify/verify.ts");
    if (id !== undefined) {
      for await (const line of trace(paths, id)) console.log(forTerminal(line));
      return 0;
    }
    const found = lineage ? lineages(paths) : findings(paths, makers);
    let wrong = 0, checked = 0, told = context.monotonic();
    for await (const { folder, ok, what } of found) {
      checked++;
      if (!ok) wrong++;
      const now = context.monotonic();
      if (quiet && now - told > TELL_MS && context.progress !== "none") {
        told = now;
        context.log(`verify: ${checked} checks, now of ${folder}`);
      }
      if (!ok || !quiet) console.log(forTerminal(`${ok ? "ok  " : "FAIL"} ${folder}: ${what}`));
    }
    console.log(`${checked} checks, ${wrong} failed`);
    return wrong === 0 ? 0 : 1;
  });
}
