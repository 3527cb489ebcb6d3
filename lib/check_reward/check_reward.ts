/** How far a reward is to be trusted: its ranks against labels or another reward, beside baselines. */
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { ScoredRecord, ScoredReply } from "../core/records.ts";
import { readScoredRecords } from "../io/read_records.ts";
import type { CheckedReward } from "../io/reward_check_file.ts";
import { missingInRuns, rewardsOfRuns } from "../run/run_rewards.ts";
import { openRewardModel } from "../model/open.ts";
import type { ScoringItem } from "../model/reward_model.ts";
import { scoringItems } from "../reward/score_record.ts";
import { standardDeviation } from "../view/statistics.ts";
import { bootstrap, type Estimate, pairedBootstrap } from "../view/bootstrap.ts";
import type { CheckRewardOptions } from "./check_reward_options.ts";
import { type Defect, defectsInScores } from "./defects.ts";
import {
  bestOfKWorth,
  calibration,
  type CalibrationBin,
  type Graded,
  type Margin,
  marginsOf,
} from "../evaluate/ranking.ts";
import { probe } from "./probe.ts";
import { partsOf, type Ranked, type Ranker, type RankerParts, RANKERS } from "./rankers.ts";
import { type BenchRow, type BenchScore, rewardBenchScore } from "./reward_bench.ts";
import { numCorrect, worthBy } from "../evaluate/worth.ts";

/** A reward, checked. */
export interface RewardCheck {
  /** Which reward it is: the score that was asked for, and its models' names and versions. */
  reward: CheckedReward;
  /** What it was held against: `labels`, or the other reward's name. */
  against: string;
  /** Prompts with replies of different worth. */
  prompts: number;
  /** Pairs of replies of different worth. */
  pairs: number;
  /** Replies left out: malformed, or without a score. */
  unscored: number;
  /** Prompts that the runs rejected or have still to do. */
  missing: number;
  /** Prompts left out, for nothing is known of their replies. */
  unlabelled: number;
  /** The reward and the baselines. */
  rankers: Record<Ranker, Ranked>;
  /** The share of pairs against that of length, over the same prompts. */
  beyondLength: Estimate;
  /** Mean worth of the best of k by the reward, k = 1 …, over prompts with at least that many. */
  bestOfK: number[];
  /** Pairs by their margin. */
  calibration: CalibrationBin[];
  /** The share of pairs by the prompts' source. */
  sources: { source: string; prompts: number; pairs: Estimate }[];
  /**
   * The score of RewardBench 2, and what the length of an answer alone would get; null for records
   * that are not its rows, scored.
   */
  rewardBench: { reward: BenchScore; length: BenchScore } | null;
  /** What is broken, by name. */
  defects: Defect[];
  /** Mean shift of a score by harmless changes of the answer, in spreads; null where not probed. */
  sensitivity: Record<string, number> | null;
}

interface PromptCheck {
  source: string;
  graded: Graded[];
  parts: RankerParts;
}

/** @throws {InputError} for what is no scored run, and where nothing is known of any reply. */
export async function checkReward(
  options: z.output<typeof CheckRewardOptions>,
  context: StageContext,
): Promise<RewardCheck> {
  const { against, score, draws, seed } = options;
  const worthOf = await worthBy(options);
  const checked: PromptCheck[] = [], items: ScoringItem[] = [], all: Graded[][] = [];
  const bench: BenchRow[] = [], benchLengths: BenchRow[] = [];
  const margins: Margin[] = [], names = new Set<string>();
  let unscored = 0, unlabelled = 0, lost = 0;
  for (const path of options.in) {
    const reading = { format: options.format, signal: context.signal };
    for await (const record of readScoredRecords(path, reading)) {
      names.add(record.reward_model);
      const [item] = scoringItems(record);
      if (item && items.length < options.probes) items.push(item);
      if (options.labels === undefined && against === undefined) {
        bench.push(...benchRow(record, (reply) => scoreOf(reply, score)));
        benchLengths.push(...benchRow(record, ({ answer }) => answer?.length ?? null));
      }
      const graded: Graded[] = [], plain: Graded[] = [];
      for (const reply of record.responses) {
        const own = scoreOf(reply, score);
        if (reply.answer === null || own === null) {
          unscored++;
          if (reply.answer !== null) lost++;
          continue;
        }
        const worth = worthOf(record, reply), { length } = reply.answer;
        plain.push({ score: own, worth: 0, length });
        if (worth !== null) graded.push({ score: own, worth, length });
      }
      all.push(plain);
      if (graded.length === 0) {
        unlabelled++;
        continue;
      }
      margins.push(...marginsOf(graded));
      checked.push({ source: record.source, graded, parts: partsOf(graded) });
    }
  }
  if (checked.length === 0) {
    throw new InputError(
      `${options.in.join(", ")}: nothing is known of any scored reply: give --labels PATH, ` +
        `--label-key COLUMN of a kept column, or --against NAME of another reward in the records`,
    );
  }
  const drawing = { draws, seed };
  const estimate = (ranker: Ranker, prompts: PromptCheck[]): Ranked => ({
    pairs: bootstrap(prompts.map(({ parts }) => parts[ranker].pairs), drawing),
    best: bootstrap(prompts.map(({ parts }) => parts[ranker].best), drawing),
  });
  const rankers = Object.fromEntries(RANKERS.map((name) => [name, estimate(name, checked)]));
  const probed = options.rewardModel === undefined
    ? undefined
    : await probing(options.rewardModel, options, items, spreadOf(all), context);
  const defects = [...defectsInScores(all), ...(probed?.defects ?? [])];
  if (lost > 0 && !defects.some(({ name }) => name === "not_finite")) {
    defects.push({ name: "not_finite", found: `${lost} answers have no score` });
  }
  const { pairs } = rankers.reward!;
  if (pairs.high < 0.5) {
    defects.push({ name: "sign_turned", found: `${percent(pairs.value)} of pairs ranked right` });
  }
  return {
    reward: { score, names: [...names].sort(), models: rewardsOfRuns(options.in) },
    against: against ?? "labels",
    prompts: checked.filter(({ parts }) => parts.reward.pairs.all > 0).length,
    pairs: checked.reduce((sum, { parts }) => sum + parts.reward.pairs.all, 0),
    unscored,
    missing: missingInRuns(options.in),
    unlabelled,
    rankers: rankers as Record<Ranker, Ranked>,
    beyondLength: pairedBootstrap(
      checked.map(({ parts }) => parts.reward.pairs),
      checked.map(({ parts }) => parts.length.pairs),
      drawing,
    ),
    bestOfK: meanCurve(checked.map(({ graded }) => bestOfKWorth(graded))),
    calibration: calibration(margins),
    sources: [...Map.groupBy(checked, ({ source }) => source)].map(([source, prompts]) => ({
      source,
      prompts: prompts.length,
      pairs: estimate("reward", prompts).pairs,
    })).sort((a, b) => a.source < b.source ? -1 : 1),
    rewardBench: bench.length === 0 ? null : {
      reward: rewardBenchScore(bench, drawing),
      length: rewardBenchScore(benchLengths, drawing),
    },
    defects,
    sensitivity: probed?.sensitivity ?? null,
  };
}

/** A row of RewardBench 2 again, of its scored record; nothing of any other record. */
function benchRow(
  record: ScoredRecord,
  scoreOf: (reply: ScoredReply) => number | null,
): BenchRow[] {
  const count = numCorrect(record), { id, source: subset } = record;
  if (count === undefined) return [];
  const scores = record.responses.map(scoreOf);
  return [{ id, subset, correct: scores.slice(0, count), incorrect: scores.slice(count) }];
}

function scoreOf(reply: ScoredReply, name: string): number | null {
  if (name === "score") return reply.score;
  const score = reply.scores?.[name];
  if (score !== undefined) return score;
  if (reply.answer === null) return null;
  const names = Object.keys(reply.scores ?? {}).join(", ") || "none";
  throw new InputError(`--score ${name}: the records hold the scores of ${names}`);
}

function meanCurve(curves: readonly number[][]): number[] {
  const longest = Math.max(...curves.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => {
    const own = curves.filter(({ length }) => length > at).map((curve) => curve[at]!);
    return own.reduce((sum, worth) => sum + worth, 0) / own.length;
  });
}

/** The standard deviation of all scores. */
function spreadOf(prompts: readonly (readonly Graded[])[]): number {
  return standardDeviation(prompts.flat().map(({ score }) => score));
}

async function probing(
  rewardModel: string,
  { rewardTokenizer: tokenizer, baseUrl, labelKey, moduleAllow, maxLength }: z.output<
    typeof CheckRewardOptions
  >,
  items: readonly ScoringItem[],
  spread: number,
  context: StageContext,
) {
  const opening = { rewardModel, tokenizer, baseUrl, labelKey, moduleAllow };
  const model = await openRewardModel(opening, context);
  try {
    return await probe(model, items, { maxLength, spread, signal: context.signal });
  } finally {
    await model.close();
  }
}

/** A share in per cent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
