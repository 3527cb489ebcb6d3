/** Distributions as bars, counted here so that a chart holds bins and not values. */
import type { Numbers } from "../statistics.ts";
import { type ChartSpec, chartSpec, colorsOf } from "./spec.ts";

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

/** Options of {@link histogram}. */
export interface HistogramOptions {
  /** The heading. */
  title: string;
  /** What the values are, under the axis. */
  axis: string;
  /** What is counted. Default: `replies`. */
  counted?: string;
  /** Each series' shares in place of its counts, so that series of unlike size compare. */
  shares?: boolean;
  /** Bins at most. */
  most?: number;
}

/** One or several distributions over each other. */
export function histogram(series: readonly Series[], options: HistogramOptions): ChartSpec {
  const { title, axis, counted = "replies", shares = false, most } = options;
  const { from, step, counts } = binsOf(series, most);
  const values = series.flatMap(({ name }, index) => {
    const bins = counts[index]!;
    const total = shares ? bins.reduce((sum, count) => sum + count, 0) || 1 : 1;
    return bins.flatMap((count, bin) => {
      if (count === 0) return [];
      const start = clean(from + bin * step), end = clean(from + (bin + 1) * step);
      return [{ series: name, start, end, count, height: count / total }];
    });
  });
  const several = series.length > 1;
  return chartSpec(title, `${title}: how many ${counted} by ${axis}`, {
    data: { values },
    mark: { type: "bar", opacity: several ? 0.6 : 0.9, binSpacing: several ? 0 : 1 },
    encoding: {
      x: {
        field: "start",
        type: "quantitative",
        bin: "binned",
        title: axis,
        axis: { tickCount: 6 },
      },
      x2: { field: "end" },
      y: {
        field: "height",
        type: "quantitative",
        stack: null,
        title: shares ? `share of ${counted}` : counted,
        axis: { tickCount: 5, ...(shares ? { format: "%" } : {}) },
      },
      color: {
        field: "series",
        type: "nominal",
        scale: colorsOf(series.map(({ name }) => name)),
        title: null,
        legend: several ? { orient: "top" } : null,
      },
      tooltip: ["series", "start", "end", "count"].map((field) => ({ field })),
    },
  });
}

/** Rewards of replies, of one run or of several beside each other. */
export function rewardHistogram(series: readonly Series[]): ChartSpec {
  const shares = series.length > 1;
  return histogram(series, { title: "Rewards", axis: "reward", shares });
}

/** The best and the worst reward of each prompt. */
export function bestAndWorst(best: Numbers, worst: Numbers): ChartSpec {
  const series = [{ name: "worst", values: worst }, { name: "best", values: best }];
  return histogram(series, {
    title: "Best and worst a prompt",
    axis: "reward",
    counted: "prompts",
  });
}

/** How far best and worst lie apart within a prompt. */
export function spreadHistogram(spreads: Numbers): ChartSpec {
  return histogram([{ name: "spread", values: spreads }], {
    title: "Spread within a prompt",
    axis: "best reward − worst reward",
    counted: "prompts",
  });
}

/** The margins of pairs. */
export function marginHistogram(margins: Numbers): ChartSpec {
  return histogram([{ name: "margin", values: margins }], {
    title: "Margins of pairs",
    axis: "score(chosen) − score(rejected)",
    counted: "pairs",
  });
}

/** Lengths in tokens. */
export function tokenHistogram(series: readonly Series[], counted = "replies"): ChartSpec {
  return histogram(series, { title: "Token lengths", axis: "tokens", counted });
}

/** Lengths in characters, of both sides of pairs or of other texts. */
export function lengthHistogram(
  series: readonly Series[],
  options: { title?: string; counted?: string } = {},
): ChartSpec {
  return histogram(series, { title: "Lengths", axis: "characters", ...options });
}

/** The value without the noise of binary fractions. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}
