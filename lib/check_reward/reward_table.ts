/** A check of a reward as lines for a terminal, and as a table for a card. */
import type { RewardCheck } from "./check_reward.ts";
import { RANKERS } from "./rankers.ts";
import type { Estimate } from "../view/bootstrap.ts";
import { percent } from "../core/percent.ts";
import { DEFECTS } from "./defects.ts";

/** `91.2% [89.0%, 93.1%]`. */
function shown({ value, low, high }: Estimate): string {
  return Number.isNaN(low)
    ? percent(value)
    : `${percent(value)} [${percent(low)}, ${percent(high)}]`;
}

/** Rows, the heading first: the reward and the baselines, then sources, then RewardBench 2. */
export function rewardTable({ rankers, sources, rewardBench }: RewardCheck): string[][] {
  // In RewardBench 2's rows the correct answers stand first.
  const ranked = RANKERS.filter((name) => rewardBench === null || name !== "first");
  return [
    ["ranked by", "pairs right", "best of all right"],
    ...ranked.map((name) => [name, shown(rankers[name].pairs), shown(rankers[name].best)]),
    ...sources.map(({ source, pairs }) => [`reward, ${source}`, shown(pairs), ""]),
  ];
}

/** RewardBench 2's scores as rows, the heading first; none for other records. */
export function rewardBenchTable({ rewardBench }: RewardCheck): string[][] {
  if (rewardBench === null) return [];
  const { reward, length } = rewardBench;
  return [
    ["RewardBench 2", "prompts", "reward", "length alone"],
    ...reward.subsets.map(({ subset, prompts, score }, at) => [
      subset,
      String(prompts),
      shown(score),
      shown(length.subsets[at]!.score),
    ]),
    ["mean of subsets", "", shown(reward.overall), shown(length.overall)],
  ];
}

/** What stands under the table. */
export function rewardLines(check: RewardCheck): string[] {
  const { against, prompts, pairs, unscored, missing, unlabelled, beyondLength, bestOfK } = check;
  const lines = [
    `${pairs.toLocaleString("en")} pairs of ${
      prompts.toLocaleString("en")
    } prompts, held against ` +
    `${against}; brackets: 95% intervals over prompts`,
    `beyond length: ${shown(beyondLength)}; best of k: ` +
    bestOfK.map((worth, at) => `${at + 1}: ${percent(worth)}`).join(", "),
  ];
  for (const { from, to, pairs, right, promised } of check.calibration) {
    lines.push(
      `margins ${from.toPrecision(2)} to ${to.toPrecision(2)}: ${
        percent(right)
      } of ${pairs} pairs ` +
        `right (as logits they promise ${percent(promised)})`,
    );
  }
  for (const [change, shift] of Object.entries(check.sensitivity ?? {})) {
    lines.push(`${change}: moves a score by ${shift.toFixed(2)} spreads`);
  }
  if (unscored > 0) lines.push(`${unscored} replies have no score and are left out`);
  if (missing > 0) {
    lines.push(`${missing} prompts were rejected or are still to do: they count nowhere`);
  }
  if (unlabelled > 0) lines.push(`${unlabelled} prompts have nothing to be held against`);
  for (const { name, found } of check.defects) {
    lines.push(`DEFECT ${name}: ${DEFECTS[name]} (${found})`);
  }
  return lines;
}
