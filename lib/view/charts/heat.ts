/** Two numbers of each reply against each other, as shaded bins with their correlation. */
import { binsOf } from "../bins.ts";
import { count } from "../number_text.ts";
import { type Numbers, pearson, spearman } from "../statistics.ts";
import { type ChartSpec, chartSpec, COLORS, quantitative } from "./spec.ts";

/** Options of {@link heat}. */
export interface HeatOptions {
  /** The heading. */
  title: string;
  /** What the horizontal axis shows. */
  x: string;
  /** What the vertical axis shows. */
  y: string;
  /** What is counted. Default: `replies`. */
  counted?: string;
}

/** Counts in two directions, and both correlations under the title. */
export function heat(xs: Numbers, ys: Numbers, options: HeatOptions): ChartSpec {
  const { title, x, y, counted = "replies" } = options;
  const linear = count(pearson(xs, ys)), ranked = count(spearman(xs, ys));
  const across = binsOf([{ name: x, values: xs }], 40);
  const up = binsOf([{ name: y, values: ys }], 24);
  const cells = new Map<string, { x: number; x2: number; y: number; y2: number; count: number }>();
  for (let i = 0; i < xs.length; i++) {
    const left = across.from +
      Math.floor((xs[i]! - across.from) / across.step + 1e-9) * across.step;
    const low = up.from + Math.floor((ys[i]! - up.from) / up.step + 1e-9) * up.step;
    if (!Number.isFinite(left) || !Number.isFinite(low)) continue;
    const key = `${left} ${low}`;
    const cell = cells.get(key);
    if (cell) cell.count++;
    else cells.set(key, { x: left, x2: left + across.step, y: low, y2: low + up.step, count: 1 });
  }
  const axis = { tickCount: 6, grid: false };
  const correlations = `Pearson ${linear}, Spearman ${ranked}`;
  return {
    ...chartSpec(title, `${title}: ${y} against ${x}; ${correlations}`, {
      data: { values: [...cells.values()] },
      mark: { type: "rect", color: COLORS[0] },
      encoding: {
        x: quantitative("x", { bin: "binned", title: x, axis }),
        x2: { field: "x2" },
        y: quantitative("y", { bin: "binned", title: y, axis }),
        y2: { field: "y2" },
        opacity: quantitative("count", {
          scale: { type: "sqrt", range: [0.12, 1] },
          legend: null,
        }),
        tooltip: Object.entries({ x, y, count: counted }).map(([field, title]) => (
          { field, title }
        )),
      },
    }),
    title: { text: title, subtitle: correlations },
  };
}

/** Rewards against the length of the answers that earned them. */
export function rewardAgainstLength(lengths: Numbers, scores: Numbers): ChartSpec {
  return heat(lengths, scores, {
    title: "Reward against length",
    x: "answer length (characters)",
    y: "reward",
  });
}

/** The scores of two reward models for the same replies. */
export function rewardAgreement(
  first: { name: string; scores: Numbers },
  second: { name: string; scores: Numbers },
): ChartSpec {
  return heat(first.scores, second.scores, {
    title: "Agreement of reward models",
    x: first.name,
    y: second.name,
  });
}
