/** What trainers make of a dataset, as a section of its card and report. */
import type { CardSection } from "../io/records/training_file.ts";
import type { TrainingCheck } from "./summary.ts";

/** A row a trainer: thoughts in the data and in the loss, tokens by part; a sentence a broken rule. */
export function checkSection(checks: readonly TrainingCheck[]): CardSection {
  const count = (value: number) => value.toLocaleString("en-US");
  const head = [
    ...["trainer", "rows", "at most", "thoughts in data", "in loss"],
    ...["tokens", "thought", "answer", "end", "tags", "prompt"],
  ];
  const rows = checks.map(({ trainer, version, template, rows, maxLength, thoughts, tokens }) => [
    `${trainer} ${version}${template === null ? "" : ` (template ${template})`}`,
    count(rows),
    maxLength === null ? "any length" : count(maxLength),
    ...[thoughts.data, thoughts.learnt, tokens.all].map(count),
    ...[tokens.thought, tokens.answer, tokens.end, tokens.tags, tokens.prompt].map(count),
  ]);
  const lines = checks.flatMap(({ trainer, broken }) =>
    broken.length === 0
      ? [`${trainer}: no rule is broken`]
      : broken.map(({ rule, about, rows, allowed }) =>
        `${trainer}: ${rule}${allowed ? " (allowed)" : ""}, ${count(rows)} rows: ${about}`
      )
  );
  return { title: "What trainers learn", table: [head, ...rows], lines };
}
