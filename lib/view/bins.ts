/** Numbers counted into bins of round width. Pure: the explorer's page runs this module too. */
import type { Numbers } from "./statistics.ts";

/** Values under a name. */
export interface Series {
  /** What it is called in the legend. */
  name: string;
  /** Its numbers. */
  values: Numbers;
}

/** Bins of one width, and how many values of each series are in each. */
export interface Bins {
  from: number;
  step: number;
  /** By series, then by bin. */
  counts: number[][];
}

/**
 * Counts values into at most `most` bins of a round width (1, 2 or 5 times a power of ten) that
 * are the same for all series. What is not finite is left out.
 */
export function binsOf(series: readonly Series[], most = 40): Bins {
  let low = Infinity, high = -Infinity;
  for (const { values } of series) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return { from: 0, step: 1, counts: series.map(() => []) };
  const step = roundStep((high - low) / most);
  const from = Math.floor(low / step) * step;
  const length = Math.floor((high - from) / step + 1e-9) + 1;
  const counts = series.map(({ values }) => {
    const counted = new Array<number>(length).fill(0);
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i]!)) continue;
      const bin = Math.floor((values[i]! - from) / step + 1e-9);
      counted[Math.min(length - 1, Math.max(0, bin))]!++;
    }
    return counted;
  });
  return { from, step, counts };
}

/** Widths below this are none: powers of ten are not exact there. */
const LEAST_WIDTH = 1e-300;

/** The least of 1, 2 and 5 times a power of ten that is not below the width; 1 for no width. */
export function roundStep(width: number): number {
  if (width < LEAST_WIDTH) return 1;
  const power = 10 ** Math.floor(Math.log10(width));
  const times = [1, 2, 5, 10].find((times) => times * power >= width * (1 - 1e-9)) ?? 10;
  return times * power;
}
