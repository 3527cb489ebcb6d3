/** Scored runs beside each other: think against nothink, one policy against another. */
import { bestOfK } from "../view/charts/best_of_k.ts";
import { histogram, rewardHistogram } from "../view/charts/histogram.ts";
import { percent } from "../core/percent.ts";
import { tableHtml } from "../view/html.ts";
import { count, decimal } from "../view/number_text.ts";
import type { RepliesSummary } from "../view/replies_summary.ts";
import { bestOfKCurve } from "../view/best_of_k.ts";
import { mean, median, spearman, winsOf } from "../view/statistics.ts";
import { chartsHtml } from "./pieces.ts";

/** A scored run by its name. */
export interface ComparedRun {
  name: string;
  summary: RepliesSummary;
  /** Each prompt's mean reward, by its id. */
  means: ReadonlyMap<string, number>;
  /** The reward models. */
  by: ReadonlySet<string>;
}

/**
 * The share of prompts on which a run's replies have the higher mean reward than the base's, a tie
 * as half, with its 95% interval over prompts; in words where rewards are of another model, or fewer
 * than two prompts are in both.
 */
export function winsOver(run: ComparedRun, base: ComparedRun): string {
  if ([...run.by].sort().join() !== [...base.by].sort().join()) return "another reward";
  const differences = [...run.means].flatMap(([id, reward]) => {
    const other = base.means.get(id);
    return other === undefined ? [] : [reward - other];
  });
  if (differences.length < 2) return "no shared prompts";
  const { value, low, high } = winsOf(differences).rate;
  return `${percent(value)} [${percent(low)}, ${percent(high)}] of ${count(differences.length)}`;
}

/** Rewards, best of k and lengths of several scored runs; nothing for fewer than two. */
export async function compareHtml(runs: readonly ComparedRun[]): Promise<string> {
  if (runs.length < 2) return "";
  const [base] = runs as [ComparedRun];
  const rows = runs.map((run) => {
    const { name, summary } = run;
    const { replies, scores, answerLengths, malformedReplies, scoresByPrompt } = summary;
    const best = bestOfKCurve(scoresByPrompt).at(-1);
    return [
      name,
      count(summary.prompts),
      percent(malformedReplies / replies),
      decimal(mean(scores)),
      best ? `${decimal(best.expected)} (k = ${best.k})` : "–",
      count(Math.round(median(answerLengths))),
      decimal(spearman(answerLengths, scores)),
      run === base ? "–" : winsOver(run, base),
    ];
  });
  const head = [
    "run",
    "prompts",
    "malformed",
    "mean reward",
    "expected best of k",
    "median answer (characters)",
    "reward against length (Spearman)",
    `prompts won against ${base.name}`,
  ];
  const charts = [
    rewardHistogram(runs.map(({ name, summary }) => ({ name, values: summary.scores }))),
    bestOfK(
      runs.map(({ name, summary }) => ({ name, points: bestOfKCurve(summary.scoresByPrompt) })),
    ),
    histogram(runs.map(({ name, summary }) => ({ name, values: summary.answerLengths })), {
      title: "Answer lengths",
      axis: "characters",
      shares: true,
    }),
  ];
  return `<section id="compared"><h2>Scored runs compared</h2>${tableHtml(head, rows)}` +
    `${await chartsHtml(charts)}</section>`;
}
