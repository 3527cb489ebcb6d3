// deno task report --in DIR [--in DIR …] --out FILE.html
import { runCommand } from "../lib/cli/command.ts";
import { report, ReportOptions } from "../lib/report/report.ts";

if (import.meta.main) {
  await runCommand({
    name: "report",
    summary: "one self-contained HTML page of plots and samples for any runs and datasets",
    examples: [
      "report --in runs/scored --out runs/scored/report.html",
      "report --in runs/scored-think --in runs/scored-nothink --in runs/dpo --out report.html",
      "report --in responses.json --format prompted-think --out report.html",
    ],
    options: ReportOptions,
    run: async (options, context) => {
      const { out } = await report(options, context);
      console.log(`wrote ${out}`);
    },
  });
}
