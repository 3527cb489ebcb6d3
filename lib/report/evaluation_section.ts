/** Scored runs held against labels, where a report is given some. */
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { EvaluateOptions } from "../evaluate/evaluate_options.ts";
import { evaluationTable, sourcesTable } from "../evaluate/evaluation_table.ts";
import { escapeHtml, tableHtml } from "../view/html.ts";
import type { ReportOptions } from "./report_options.ts";
import type { Subject } from "./subject.ts";

/** The section; nothing without --labels. Throws `InputError` where no subject was scored. */
export async function evaluationHtml(
  subjects: readonly Subject[],
  { labels, labelKey, rule, format }: z.output<typeof ReportOptions>,
  context: StageContext,
): Promise<string> {
  if (labels === undefined) return "";
  const paths = subjects.filter(({ kind }) => kind === "scored").map(({ path }) => path);
  const [first, ...rest] = paths;
  if (first === undefined) throw new InputError("--labels: none of the inputs (--in) was scored");
  const runs = rest.length === 0 ? { in: [first] } : { in: rest, against: first };
  const options = EvaluateOptions.parse({ ...runs, labels, labelKey, rule, format });
  const evaluation = await evaluate(options, context);
  const { base } = evaluation;
  const about = base
    ? `against ${base.name}, prompt by prompt; in brackets the 95% intervals of the changes`
    : "in brackets the 95% intervals of the figures";
  const [[head, ...rows], [sourcesHead, ...sources]] = [
    evaluationTable(evaluation),
    sourcesTable(evaluation),
  ];
  return `<section id="evaluated"><h2>Held against the right answers</h2>` +
    `<p class="kind">${escapeHtml(about)}, over prompts</p>${tableHtml(head!, rows)}` +
    `<h3>Right by source</h3>${tableHtml(sourcesHead!, sources)}</section>`;
}
