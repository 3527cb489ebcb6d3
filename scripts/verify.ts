// deno task verify --in runs/demo
import { runCommand } from "../lib/cli/command.ts";
import { trace, verify, VerifyOptions } from "../lib/verify/verify.ts";

if (import.meta.main) {
  await runCommand({
    name: "verify",
    summary:
      "recomputes hashes, counts and the ledger of runs and datasets; exit 1 on a difference",
    examples: ["verify --in runs/demo", "verify --in runs/demo --trace capital-france"],
    options: VerifyOptions,
    async run(options) {
      if (options.trace !== undefined) {
        for await (const line of trace({ in: options.in, trace: options.trace })) console.log(line);
        return 0;
      }
      let wrong = 0, checked = 0;
      for await (const { folder, ok, what } of verify(options)) {
        checked++;
        if (!ok) wrong++;
        console.log(`${ok ? "ok  " : "FAIL"} ${folder}: ${what}`);
      }
      console.log(`${checked} checks, ${wrong} failed`);
      return wrong === 0 ? 0 : 1;
    },
  });
}
