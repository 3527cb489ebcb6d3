/** Distributions as bars, counted here so that a chart holds bins and not values. */
import { binsOf, type Series } from "../bins.ts";
import type { Numbers } from "../statistics.ts";
import { type ChartSpec, chartSpec, quantitative, seriesColor } from "./spec.ts";

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
      x: quantitative("start", { bin: "binned", title: axis, axis: { tickCount: 6 } }),
      x2: { field: "end" },
      y: quantitative("height", {
        stack: null,
        title: shares ? `share of ${counted}` : counted,
        axis: { tickCount: 5, ...(shares ? { format: "%" } : {}) },
      }),
      color: seriesColor(series.map(({ name }) => name)),
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
