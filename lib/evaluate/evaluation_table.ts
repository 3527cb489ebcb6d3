/** An evaluation as a table of texts, for terminals and pages. */
import type { EvaluatedFigure, EvaluatedRun, Evaluation } from "./evaluate.ts";
import { FIGURE_NAMES, type FigureName } from "./run_figures.ts";

const HEADS: Record<FigureName, string> = {
  right: "right",
  malformed: "malformed",
  rightOfWellFormed: "right of well-formed",
  reward: "mean reward",
  best: "best by reward",
  any: "any right",
  agrees: "thought agrees",
};

/** Rows of a table, the heading first: the base, then each run with its change against it. */
export function evaluationTable({ base, runs }: Evaluation): string[][] {
  const all = base ? [base, ...runs] : runs;
  const names = FIGURE_NAMES.filter((name) => all.some(({ figures }) => figures[name]));
  const row = ({ name, prompts, replies, figures }: EvaluatedRun) => [
    name,
    String(prompts),
    String(replies),
    ...names.map((figure) => figureText(figure, figures[figure])),
  ];
  return [["run", "prompts", "replies", ...names.map((name) => HEADS[name])], ...all.map(row)];
}

/** What is right by source, a column a run. */
export function sourcesTable({ base, runs }: Evaluation): string[][] {
  const all = base ? [base, ...runs] : runs;
  const sources = [...new Set(all.flatMap((run) => run.sources.map(({ source }) => source)))]
    .sort();
  const rows = sources.map((source) => {
    const own = all.map((run) => run.sources.find((each) => each.source === source));
    const prompts = Math.max(...own.map((each) => each?.prompts ?? 0));
    return [
      source,
      String(prompts),
      ...own.map((each) => figureText("right", each?.figures.right)),
    ];
  });
  return [["source", "prompts", ...all.map(({ name }) => name)], ...rows];
}

/** `61.7 +6.5 [5.4, 7.7]`, shares in per cent; the figure's own interval where there is no base. */
export function figureText(name: FigureName, figure: EvaluatedFigure | undefined): string {
  if (figure === undefined) return "–";
  const [scale, digits] = name === "reward" ? [1, 2] : [100, 1];
  const text = (value: number) => (scale * value).toFixed(digits);
  const { change } = figure;
  const { value, low, high } = change ?? figure;
  const interval = Number.isNaN(low) ? "" : ` [${text(low)}, ${text(high)}]`;
  if (change === undefined) return `${text(value)}${interval}`;
  return `${text(figure.value)} ${value < 0 ? "" : "+"}${text(value)}${interval}`;
}

/** A table's lines, its columns in their widths. */
export function tableLines(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd());
}
