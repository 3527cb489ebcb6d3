/** The share of pairs ranked right below which a reward is not to be followed. */
import { RunError } from "../core/errors.ts";
import { percent } from "../core/percent.ts";
import type { RewardCheck } from "./check_reward.ts";

/** @throws {RunError} where the share of pairs ranked right is below `floor`. */
export function checkFloor({ rankers }: RewardCheck, floor: number | undefined): void {
  const { value } = rankers.reward.pairs;
  if (floor === undefined || value >= floor) return;
  throw new RunError(
    `${
      percent(value)
    } of pairs ranked right, below --floor ${floor}: the reward is not to be followed`,
  );
}
