/** `report`, as one value. */
import { defineStage, type Stage, type StageFacts } from "../run/define_stage.ts";
import type { Reported } from "./report.ts";
import { ReportOptions } from "./report_options.ts";

/** Makes `report` for a list of stages: what it shows of a folder depends on what made it. */
export function reportOf(
  stages: readonly StageFacts[],
): Stage<ReportOptions, never, Reported> {
  return defineStage({
    name: "report",
    summary: "one self-contained HTML page of plots and samples for any runs and datasets",
    examples: [
      "report --in runs/scored --out runs/scored/report.html",
      "report --in runs/scored-think --in runs/scored-nothink --in runs/dpo --out report.html",
      "report --in responses.json --format prompted-think --out report.html",
    ],
    options: ReportOptions,
    leaves: { kind: "nothing" },
    rejects: [],
    run: async ({ options, context }) =>
      await (await import("./report.ts")).report(options, context, stages),
  });
}
