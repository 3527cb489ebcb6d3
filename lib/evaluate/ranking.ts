/** How a list of scores ranks right and wrong replies to one prompt. Pure. */
import type { Part } from "../view/bootstrap.ts";
import { bestOfEachK } from "../view/best_of_k.ts";
import { mean } from "../view/statistics.ts";

/** A reply that is scored, and how good it is: 1 right and 0 wrong, or another reward's score. */
export interface Graded {
  score: number;
  worth: number;
  /** Characters of its answer. */
  length: number;
}

/** Pairs of replies of different worth, and how many of them the scores rank so; ties count half. */
export function rankedPairs(graded: readonly Graded[]): Part {
  let of = 0, all = 0;
  for (const better of graded) {
    for (const worse of graded) {
      if (better.worth <= worse.worth) continue;
      all++;
      of += better.score > worse.score ? 1 : better.score === worse.score ? 0.5 : 0;
    }
  }
  return { of, all };
}

/** The worth of the reply with the highest score; equal ones share it. Nothing of no reply. */
export function bestWorth(graded: readonly Graded[]): Part {
  if (graded.length === 0) return { of: 0, all: 0 };
  const highest = graded.reduce((most, { score }) => Math.max(most, score), -Infinity);
  const best = graded.filter(({ score }) => score === highest);
  return { of: mean(best.map(({ worth }) => worth)), all: 1 };
}

/**
 * The expected worth of the best by score among k replies, for k = 1 … n; replies of equal scores
 * share their worth.
 */
export function bestOfKWorth(graded: readonly Graded[]): number[] {
  const sorted = graded.toSorted((a, b) => a.score - b.score);
  const worths = sorted.map(({ score }) => {
    const equal = sorted.filter((other) => other.score === score);
    return mean(equal.map(({ worth }) => worth));
  });
  return bestOfEachK(worths);
}

/** Pairs by their margin in equal shares: how often the higher score is the better reply. */
export interface CalibrationBin {
  /** The least margin in it. */
  from: number;
  /** The greatest. */
  to: number;
  /** How many pairs. */
  pairs: number;
  /** Share in which the reply of the higher score is the better one. */
  right: number;
  /** What the margins promise where scores are logits: the mean of σ(margin). */
  promised: number;
}

/** One pair: its margin, and whether the higher score is on the better side. */
export interface Margin {
  margin: number;
  right: boolean;
}

/** The margins of pairs that differ in worth and in score. */
export function marginsOf(graded: readonly Graded[]): Margin[] {
  const margins: Margin[] = [];
  for (const better of graded) {
    for (const worse of graded) {
      const margin = better.score - worse.score;
      if (better.worth <= worse.worth || margin === 0) continue;
      margins.push({ margin: Math.abs(margin), right: margin > 0 });
    }
  }
  return margins;
}

/** The pairs in `count` bins of equal size, by rising margin. */
export function calibration(margins: readonly Margin[], count = 4): CalibrationBin[] {
  const sorted = margins.toSorted((a, b) => a.margin - b.margin), bins: CalibrationBin[] = [];
  for (let bin = 0; bin < count; bin++) {
    const own = sorted.slice(
      Math.floor(bin * sorted.length / count),
      Math.floor((bin + 1) * sorted.length / count),
    );
    if (own.length === 0) continue;
    bins.push({
      from: own[0]!.margin,
      to: own.at(-1)!.margin,
      pairs: own.length,
      right: own.filter(({ right }) => right).length / own.length,
      promised: mean(own.map(({ margin }) => 1 / (1 + Math.exp(-margin)))),
    });
  }
  return bins;
}
