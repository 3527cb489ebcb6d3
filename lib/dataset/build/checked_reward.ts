/** What the card of a dataset tells of its reward: the table of a check. */
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { type InputPaths, pathsOf } from "../../io/inputs/input_files.ts";
import { otherReward, readRewardCheck } from "../../io/records/reward_check_file.ts";
import { rewardsOfRuns } from "../../run/run_rewards.ts";
import type { CardFacts } from "./card.ts";

/** To be spread into the options of builders that go by scores. */
export const rewardCheckOption = {
  rewardCheck: z.string().min(1).optional().meta({ metavar: "FILE.json" }).describe(
    "what check-reward --out left of this reward: its table goes into the card; a check of another " +
      "reward is refused",
  ),
} as const;

/**
 * The section of a card by the file of `--reward-check`; undefined where none is given.
 *
 * @param used the runs whose scores are used, which score, and what their records call the reward.
 * @throws {InputError} for a file that is none, or of another reward.
 */
export function checkedReward(
  path: string | undefined,
  { paths, score, names }: { paths: InputPaths; score: string; names: Iterable<string> },
): CardFacts["sections"] {
  if (path === undefined) return undefined;
  const { reward, table, lines } = readRewardCheck(path);
  const models = rewardsOfRuns(pathsOf(paths));
  const other = otherReward(reward, { score, names: [...names], models });
  if (other !== null) throw new InputError(`--reward-check ${path}: ${other}`);
  return [{ title: "How far the reward is to be trusted", table, lines }];
}
