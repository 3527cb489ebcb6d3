/** How far a reward is to be trusted: its ranks against labels or another reward, beside baselines. */
import { percent } from "../core/percent.ts";
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { bestOfKWorth, calibration, type CalibrationBin, marginsOf } from "../evaluate/ranking.ts";
import type { CheckedReward } from "../io/records/reward_check_file.ts";
import { openRewardModel } from "../model/open.ts";
import { missingInRuns, rewardsOfRuns } from "../run/run_rewards.ts";
import { bootstrap, type Estimate, pairedBootstrap } from "../view/bootstrap.ts";
import { mean, standardDeviation } from "../view/statistics.ts";
import type { CheckRewardOptions } from "./check_reward_options.ts";
import { type Defect, defectsInScores } from "./defects.ts";
import { type GradedRuns, type PromptCheck, readGraded } from "./graded_runs.ts";
import { probe } from "./probe.ts";
import { type Ranked, type Ranker, RANKERS } from "./rankers.ts";
import { type BenchScore, rewardBenchScore } from "./reward_bench.ts";

/** How far a reward is to be trusted: its ranks beside those of baselines, and its defects. */
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

/** @throws {InputError} for what is no scored run, and where nothing is known of any reply. */
export async function checkReward(
  options: z.output<typeof CheckRewardOptions>,
  context: StageContext,
): Promise<RewardCheck> {
  const { against, score, draws, seed } = options;
  const read = await readGraded(options, context.signal), { checked, scored, bench } = read;
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
    : await probing(options.rewardModel, options, read, context);
  const defects = [...defectsInScores(scored), ...(probed?.defects ?? [])];
  if (read.lost > 0 && !defects.some(({ name }) => name === "not_finite")) {
    defects.push({ name: "not_finite", found: `${read.lost} answers have no score` });
  }
  const { pairs } = rankers.reward!;
  if (pairs.high < 0.5) {
    defects.push({ name: "sign_turned", found: `${percent(pairs.value)} of pairs ranked right` });
  }
  return {
    reward: { score, names: [...read.names].sort(), models: rewardsOfRuns(options.in) },
    against: against ?? "labels",
    prompts: checked.filter(({ parts }) => parts.reward.pairs.all > 0).length,
    pairs: checked.reduce((sum, { parts }) => sum + parts.reward.pairs.all, 0),
    unscored: read.unscored,
    missing: missingInRuns(options.in),
    unlabelled: read.unlabelled,
    rankers: rankers as Record<Ranker, Ranked>,
    beyondLength: pairedBootstrap(
      checked.map(({ parts }) => parts.reward.pairs),
      checked.map(({ parts }) => parts.length.pairs),
      drawing,
    ),
    bestOfK: meanCurve(checked.map(({ graded }) => bestOfKWorth(graded))),
    calibration: calibration(checked.flatMap(({ graded }) => marginsOf(graded))),
    sources: [...Map.groupBy(checked, ({ source }) => source)].map(([source, prompts]) => ({
      source,
      prompts: prompts.length,
      pairs: estimate("reward", prompts).pairs,
    })).sort((a, b) => a.source < b.source ? -1 : 1),
    rewardBench: bench.reward.length === 0 ? null : {
      reward: rewardBenchScore(bench.reward, drawing),
      length: rewardBenchScore(bench.length, drawing),
    },
    defects,
    sensitivity: probed?.sensitivity ?? null,
  };
}

function meanCurve(curves: readonly number[][]): number[] {
  const longest = Math.max(...curves.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => {
    const own = curves.filter(({ length }) => length > at).map((curve) => curve[at]!);
    return mean(own);
  });
}

async function probing(
  rewardModel: string,
  { rewardTokenizer: tokenizer, baseUrl, labelKey, moduleAllow, maxLength }: z.output<
    typeof CheckRewardOptions
  >,
  { items, scored }: Pick<GradedRuns, "items" | "scored">,
  context: StageContext,
) {
  const opening = { rewardModel, tokenizer, baseUrl, labelKey, moduleAllow };
  const spread = standardDeviation(scored.flat().map(({ score }) => score));
  const model = await openRewardModel(opening, context);
  try {
    return await probe(model, items, { maxLength, spread, signal: context.signal });
  } finally {
    await model.close();
  }
}
