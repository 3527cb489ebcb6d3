/** Policy and scored runs: distributions over replies, and some of them to read. */
import type { Format, PolicyRecord, ScoredRecord } from "../core/records.ts";
import { readPolicyRecords } from "../io/records/read_records.ts";
import { type Agreement, AgreementTally } from "../view/agreement.ts";
import { bestOfK } from "../view/charts/best_of_k.ts";
import { countsChart, malformedByReason } from "../view/charts/counts.ts";
import { rewardAgainstLength } from "../view/charts/heat.ts";
import {
  bestAndWorst,
  histogram,
  lengthHistogram,
  rewardHistogram,
  spreadHistogram,
  tokenHistogram,
} from "../view/charts/histogram.ts";
import type { ChartSpec } from "../view/charts/spec.ts";
import { cardHtml, shownReplies, type ShownReply } from "../view/html.ts";
import { extremes, RepliesSummarizer, type RepliesSummary } from "../view/replies_summary.ts";
import { percent } from "../core/percent.ts";
import { count, decimal } from "../view/number_text.ts";
import { bestOfKCurve } from "../view/best_of_k.ts";
import { mean, median, pearson, spearman } from "../view/statistics.ts";
import type { Figure } from "./pieces.ts";
import { Extremes } from "./extremes.ts";
import type { Reservoir } from "./reservoir.ts";
import { spreadRecords } from "./run_records.ts";
import type { Section, SectionOptions } from "./section.ts";
import { RepliesBy, type RepliesGroup } from "../view/replies_by.ts";
import type { Subject } from "./subject.ts";

/** Reads a policy or scored run. */
export async function repliesSection(
  subject: Subject,
  options: SectionOptions & { format?: Format },
): Promise<Section> {
  const summary = new RepliesSummarizer();
  const samples: Reservoir<PolicyRecord | ScoredRecord> = options.reservoir(subject);
  const reading = { allowPartial: true, format: options.format, signal: options.signal };
  const all = readPolicyRecords(subject.path, reading);
  const { records, note } = spreadRecords(all, subject, options);
  const agreement = new AgreementTally(), by = new RepliesBy();
  const ends = new Extremes(samples.size);
  const rewards = { means: new Map<string, number>(), by: new Set<string>() };
  for await (const record of records) {
    summary.add(record);
    agreement.add(record.responses);
    by.add(record);
    samples.add(record);
    ends.add(record);
    if (!("reward_model" in record)) continue;
    const scores = record.responses.flatMap(({ score }) => score ?? []);
    if (scores.length === 0) continue;
    rewards.by.add(record.reward_model);
    rewards.means.set(record.id, mean(scores));
  }
  return {
    summary,
    note,
    figures: [...figuresOf(summary), ...agreement.result().map(agreementFigure)],
    charts: chartsOf(subject.name, summary),
    tables: by.result().map(tableOf),
    samples: ends.groups().length > 0
      ? ends.groups().map(({ title, records }) => ({ title, cards: records.map(cardOf), how: "" }))
      : [{ title: "Prompts with replies", cards: samples.items().map(cardOf) }],
    rewards,
  };
}

function cardOf(record: PolicyRecord | ScoredRecord): string {
  return cardHtml(record.prompt, shown(record));
}

function figuresOf(summary: RepliesSummary): Figure[] {
  const { prompts, replies, malformedReplies, scores, scoresByPrompt, answerLengths } = summary;
  const { thoughtLengths, scoredThoughts } = summary;
  const figures: Figure[] = [
    { label: "prompts", value: count(prompts) },
    { label: "replies", value: count(replies) },
    {
      label: "malformed",
      value: percent(malformedReplies / replies),
      note: `${count(malformedReplies)} replies`,
    },
  ];
  if (thoughtLengths.length > 0) {
    figures.push({
      label: "median thought, characters",
      value: count(Math.round(median(thoughtLengths))),
      ...(scores.length > 0
        ? { note: `reward against its length: ${decimal(spearman(scoredThoughts, scores))}` }
        : {}),
    });
  }
  if (scores.length === 0) return figures;
  const curve = bestOfKCurve(scoresByPrompt);
  const last = curve.at(-1)!;
  const { spread } = extremes(scoresByPrompt);
  return [
    ...figures,
    { label: "mean reward", value: decimal(mean(scores)) },
    { label: `expected best of ${last.k}`, value: decimal(last.expected) },
    { label: "median spread a prompt", value: decimal(median(spread)) },
    {
      label: "reward against length",
      value: decimal(spearman(answerLengths, scores)),
      note: `Spearman; Pearson ${decimal(pearson(answerLengths, scores))}`,
    },
  ];
}

/** The table of a column: a row for each of its values. */
function tableOf({ column, groups }: { column: string; groups: RepliesGroup[] }) {
  const scored = groups.some(({ reward }) => Number.isFinite(reward));
  const rows = groups.map(({ value, prompts, replies, malformed, reward, interval, best }) => [
    value.slice(0, 80),
    count(prompts),
    count(replies),
    percent(malformed / replies),
    ...(scored
      ? [decimal(reward), `${decimal(interval.low)} to ${decimal(interval.high)}`, decimal(best)]
      : []),
  ]);
  const head = [column, "prompts", "replies", "malformed"];
  if (scored) head.push("mean reward", "95% interval", "best reply's");
  return { title: `By ${column}`, head, rows };
}

function agreementFigure({ models, prompts, tau, sameBest, sameWorst }: Agreement): Figure {
  return {
    label: `agreement of ${models.join(" and ")}`,
    value: tau === null ? "none" : decimal(tau),
    note: `Kendall's tau-b, mean of ${count(prompts)} prompts; the same best reply in ` +
      `${percent(sameBest)}, the same worst in ${percent(sameWorst)}`,
  };
}

function chartsOf(name: string, summary: RepliesSummary): ChartSpec[] {
  const { scores, scoresByPrompt, answerLengths, tokens, malformed, thoughtLengths } = summary;
  const charts: ChartSpec[] = [];
  if (scores.length > 0) {
    const { best, worst, spread } = extremes(scoresByPrompt);
    charts.push(
      rewardHistogram([{ name, values: scores }]),
      bestAndWorst(best, worst),
      spreadHistogram(spread),
      bestOfK([{ name, points: bestOfKCurve(scoresByPrompt) }]),
      rewardAgainstLength(answerLengths, scores),
    );
  }
  if (tokens.some((number) => number > 0)) charts.push(tokenHistogram([{ name, values: tokens }]));
  if (thoughtLengths.length > 0) {
    charts.push(lengthHistogram([{ name, values: thoughtLengths }], { title: "Thought lengths" }));
  }
  if (summary.distinctAnswers.length > 0) {
    charts.push(histogram([{ name, values: summary.distinctAnswers }], {
      title: "Diversity within a prompt",
      axis: "share of its well-formed answers that differ",
      counted: "prompts",
      most: 20,
    }));
  }
  if (Object.keys(malformed).length > 0) charts.push(malformedByReason(malformed));
  if (Object.keys(summary.finishReasons).length > 1) {
    charts.push(countsChart(summary.finishReasons, { title: "Finish reasons" }));
  }
  return charts;
}

/** The best and the worst of a scored record; of another, the first two and a malformed one. */
function shown(record: PolicyRecord | ScoredRecord): ShownReply[] {
  const replies = shownReplies(record);
  const scored = replies.filter(({ score }) => typeof score === "number");
  const malformed = replies.filter((reply) => reply.malformed).slice(0, 1);
  if (scored.length > 1) {
    const best = { ...scored[0]!, label: `best (${scored[0]!.label})` };
    const worst = { ...scored.at(-1)!, label: `worst (${scored.at(-1)!.label})` };
    return [best, worst];
  }
  return [...replies.filter((reply) => !reply.malformed).slice(0, 2), ...malformed];
}
