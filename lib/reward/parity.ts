/** Whether a reward model scores an answer the same alone as in a full batch. */
import type { RewardModel, ScoringItem } from "../model/reward_model.ts";

/** What a parity probe found. */
export interface Parity {
  items: number;
  /** The largest difference between an item's score alone and in the batch. */
  largest: number;
  /** Items whose scores differ by more than the tolerance. */
  beyond: number;
}

/**
 * Differences up to this are rounding: half precision gives a score of 10 to about 0.04. Padding
 * that is not masked moves scores by far more.
 */
const PARITY_TOLERANCE = 0.05;

/**
 * Scores each item alone, then all in one call, and compares: a server or a model that pads
 * without masking gives other scores in a batch. Throws `ModelError`.
 */
export async function checkParity(
  model: RewardModel,
  items: readonly ScoringItem[],
  options: { maxLength: number; signal?: AbortSignal },
): Promise<Parity> {
  const alone: number[] = [];
  for (const item of items) alone.push((await model.score([item], options))[0]!.score ?? NaN);
  const together = await model.score(items, options);
  const differences = together.map(({ score }, at) => Math.abs((score ?? NaN) - alone[at]!));
  return {
    items: items.length,
    largest: Math.max(0, ...differences),
    beyond: differences.filter((difference) => !(difference <= PARITY_TOLERANCE)).length,
  };
}

/** A parity probe in one line. */
export function describeParity(name: string, { items, largest, beyond }: Parity): string {
  const head = `parity of ${name}: ${items} answers scored alone and in one batch differ by at ` +
    `most ${largest.toPrecision(2)}`;
  return beyond === 0
    ? `${head} (tolerance ${PARITY_TOLERANCE})`
    : `${head}; ${beyond} by more than ${PARITY_TOLERANCE}: scores depend on what stands beside ` +
      `an answer in its batch (padding?), so margins mean less than they seem to`;
}
