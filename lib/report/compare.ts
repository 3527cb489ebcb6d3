/** Scored runs beside each other: think against nothink, one policy against another. */
import { bestOfK } from "../view/charts/best_of_k.ts";
import { histogram, rewardHistogram } from "../view/charts/histogram.ts";
import type { RepliesSummary } from "../view/replies_summary.ts";
import { bestOfKCurve, mean, quantile, spearman } from "../view/statistics.ts";
import { chartsHtml, count, decimal, percent, tableHtml } from "./pieces.ts";

/** A scored run by its name. */
export interface ComparedRun {
  name: string;
  summary: RepliesSummary;
}

/** Rewards, best of k and lengths of several scored runs; nothing for fewer than two. */
export async function compareHtml(runs: readonly ComparedRun[]): Promise<string> {
  if (runs.length < 2) return "";
  const rows = runs.map(({ name, summary }) => {
    const { replies, scores, answerLengths, malformed, scoresByPrompt } = summary;
    const bad = Object.values(malformed).reduce((a, b) => a + b, 0);
    const best = bestOfKCurve(scoresByPrompt).at(-1);
    return [
      name,
      count(summary.prompts),
      percent(bad, replies),
      decimal(mean(scores)),
      best ? `${decimal(best.expected)} (k = ${best.k})` : "–",
      count(Math.round(quantile(Float64Array.from(answerLengths).sort(), 0.5))),
      decimal(spearman(answerLengths, scores)),
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
