/** `check-reward`, as one value. */
import { defineStage, type Stage } from "../run/define_stage.ts";
import type { RewardCheck } from "./check_reward.ts";
import { CheckRewardOptions } from "./check_reward_options.ts";

export type { CheckedReward } from "../io/records/reward_check_file.ts";
export type { Defect, DefectName } from "./defects.ts";
export type { Ranked, Ranker } from "./rankers.ts";
export type { BenchScore, BenchSubset } from "./reward_bench.ts";
export type { RewardCheck };

/**
 * Tells how far a reward is to be trusted: the share of pairs of a right and a wrong answer that it
 * ranks so, the best of k, its margins, by source, each with a 95% interval over prompts and beside
 * length, first and random; and what is broken in it, by name. With `rewardModel` the reward itself
 * is probed too.
 *
 * @example
 * ```ts
 * import { checkReward, EMBEDDED_PROMPTS, samplePolicy, scoreResponses } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const format = "prompted-nothink";
 * const policy = { prompts: EMBEDDED_PROMPTS, model: "embedded", format, limit: 20, n: 4 } as const;
 * await samplePolicy({ ...policy, temperature: 1, maxTokens: 64, out: `${out}/policy` });
 * await scoreResponses({ in: `${out}/policy`, rewardModel: "embedded", out: `${out}/scored` });
 * const { rankers } = await checkReward({ in: [`${out}/scored`], labels: EMBEDDED_PROMPTS });
 * assert.ok(rankers.reward.pairs.value > rankers.random.pairs.value);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options, what is no scored run, and where nothing is known of any
 * reply.
 */
export const checkReward: Stage<CheckRewardOptions, never, RewardCheck> = defineStage({
  name: "check-reward",
  summary: "how far a reward is to be trusted, against labels, a rule or a judge",
  examples: [
    "check-reward --in runs/scored --labels prompts.jsonl",
    "check-reward --in runs/scored --label-key answer --rule number --floor 0.8",
    "check-reward --in runs/scored --score embedded --against rule/math --reward-model embedded",
  ],
  options: CheckRewardOptions,
  leaves: { kind: "nothing" },
  rejects: [],
  run: async ({ options, context }) => {
    const check = await (await import("./check_reward.ts")).checkReward(options, context);
    if (options.out !== undefined) {
      const { writeJson } = await import("../io/disk/write_whole.ts");
      const { rewardLines, rewardTable } = await import("./reward_table.ts");
      const shown = { table: rewardTable(check), lines: rewardLines(check) };
      writeJson(options.out, { ...check, ...shown });
    }
    return check;
  },
});
