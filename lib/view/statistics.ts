/** The numbers that plots and reports show. */

/** A list of numbers, typed or not. */
export type Numbers = ArrayLike<number>;

/** The arithmetic mean; NaN of nothing. */
export function mean(values: Numbers): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The sample's standard deviation (n − 1); NaN of fewer than two. */
export function standardDeviation(values: Numbers): number {
  const center = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - center) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/**
 * A quantile of values in rising order, between neighbours by straight line (NumPy's default).
 *
 * @param share from 0 (the least) to 1 (the greatest)
 *
 * @example
 * ```ts
 * import { quantile } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
 * ```
 */
export function quantile(sorted: Numbers, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place), above = Math.ceil(place);
  const low = sorted[below] ?? NaN, high = sorted[above] ?? NaN;
  return low + (high - low) * (place - below);
}

/** The middle of values in any order, between the two in the middle by half; NaN of nothing. */
export function median(values: Numbers): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** What gives a value less the mean of all, in their standard deviations; NaN counts for neither. */
export function standardized(values: Numbers): (value: number) => number {
  const known = Float64Array.from(values).filter((value) => !Number.isNaN(value));
  const center = mean(known), deviation = standardDeviation(known) || 1;
  return (value) => (value - center) / deviation;
}

/** Pearson's correlation of two lists of one length; NaN where one of them does not vary. */
export function pearson(xs: Numbers, ys: Numbers): number {
  const mx = mean(xs), my = mean(ys);
  let xy = 0, xx = 0, yy = 0;
  for (let i = 0; i < xs.length; i++) {
    const dx = xs[i]! - mx, dy = ys[i]! - my;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? NaN : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/** Spearman's rank correlation: Pearson's of the ranks, equal values sharing their mean rank. */
export function spearman(xs: Numbers, ys: Numbers): number {
  return pearson(ranks(xs), ranks(ys));
}

/** The two-sided 95% point of the normal distribution. */
const NORMAL_95 = 1.959964;

/** Between these lies what is estimated, in 95 of 100 samples. */
export interface Interval {
  /** The lower end. */
  low: number;
  /** The upper end. */
  high: number;
}

/** A figure with its 95% interval. */
export interface Estimate extends Interval {
  /** The figure itself. */
  value: number;
}

/**
 * The 95% interval of a mean of paired differences, by the normal approximation: mean ± 1.96
 * standard errors. NaN of fewer than two; of fewer than thirty it is somewhat too narrow.
 *
 * @example
 * ```ts
 * import { pairedInterval } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * const { low, high } = pairedInterval([1, 2, 3, 4, 5]);
 * assert.ok(low < 3 && high > 3);
 * ```
 */
export function pairedInterval(differences: Numbers): Interval {
  const center = mean(differences);
  const error = NORMAL_95 * standardDeviation(differences) / Math.sqrt(differences.length);
  return { low: center - error, high: center + error };
}

/**
 * The 95% interval of a share, Wilson's (1927): it stays within 0 and 1, and holds for few cases too.
 *
 * @example
 * ```ts
 * import { wilsonInterval } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * const { low, high } = wilsonInterval(8, 10);
 * assert.deepEqual([low.toFixed(2), high.toFixed(2)], ["0.49", "0.94"]);
 * ```
 */
export function wilsonInterval(successes: number, cases: number): Interval {
  const z2 = NORMAL_95 ** 2, share = successes / cases;
  const center = (share + z2 / (2 * cases)) / (1 + z2 / cases);
  const spread = share * (1 - share) / cases + z2 / (4 * cases * cases);
  const half = NORMAL_95 * Math.sqrt(spread) / (1 + z2 / cases);
  return { low: Math.max(0, center - half), high: Math.min(1, center + half) };
}

/** How often one side is better than another, prompt by prompt. */
export interface Wins {
  /** Prompts on which it is better. */
  wins: number;
  /** Prompts on which it is worse. */
  losses: number;
  /** Prompts on which both are as good. */
  ties: number;
  /** The share of prompts won, a tie as half, with Wilson's interval. */
  rate: Estimate;
}

/** Wins by the differences of a side from another, one a prompt. */
export function winsOf(differences: readonly number[]): Wins {
  const wins = differences.filter((difference) => difference > 0).length;
  const losses = differences.filter((difference) => difference < 0).length;
  const cases = differences.length, ties = cases - wins - losses, won = wins + ties / 2;
  return { wins, losses, ties, rate: { value: won / cases, ...wilsonInterval(won, cases) } };
}

/** Ranks from 1, equal values sharing the mean of theirs. */
export function ranks(values: Numbers): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i)
    .sort((a, b) => values[a]! - values[b]!);
  const found = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) found[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return found;
}
