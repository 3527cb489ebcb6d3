/** What sampling more replies a prompt would bring. */
import type { BestOfK } from "../best_of_k.ts";
import { type ChartSpec, chartSpec, quantitative, seriesColor } from "./spec.ts";

/** The expected best reward of k replies, a line a run. */
export function bestOfK(curves: readonly { name: string; points: BestOfK[] }[]): ChartSpec {
  const values = curves.flatMap(({ name, points }) =>
    points.map((point) => ({ series: name, ...point }))
  );
  const title = "Expected best of k";
  return chartSpec(title, `${title}: the mean over prompts of the best reward among k replies`, {
    data: { values },
    mark: { type: "line", point: { filled: true, size: 45 } },
    encoding: {
      x: quantitative("k", {
        title: "replies a prompt (k)",
        axis: { tickMinStep: 1, grid: false },
      }),
      y: quantitative("expected", {
        title: "expected best reward",
        scale: { zero: false },
        axis: { tickCount: 6 },
      }),
      color: seriesColor(curves.map(({ name }) => name)),
      tooltip: ["series", "k", "expected", "prompts"].map((field) => ({ field })),
    },
  });
}
