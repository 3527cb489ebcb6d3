/** Counts by name: reasons, sources, finish reasons. */
import { type ChartSpec, chartSpec, COLORS, quantitative, WIDTH, WORSE } from "./spec.ts";

/** Options of {@link countsChart}. */
export interface CountsOptions {
  /** The heading. */
  title: string;
  /** What is counted. Default: `replies`. */
  counted?: string;
  /** One colour for all bars. */
  color?: string;
}

const MOST = 12;

/** A bar a name, the longest first, with its count beside it; the 12 longest of more. */
export function countsChart(
  counts: Readonly<Record<string, number>>,
  options: CountsOptions,
): ChartSpec {
  const { title, counted = "replies", color = COLORS[0] } = options;
  const values = Object.entries(counts).map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const cut = values.length > MOST ? ` (${MOST} of ${values.length})` : "";
  const y = { field: "name", type: "nominal", sort: null, title: null };
  const axis = { tickMinStep: 1, tickCount: 4 };
  const x = quantitative("count", { title: counted, axis, scale: { nice: true } });
  return chartSpec(title + cut, `${title}: ${counted} by name`, {
    data: { values: values.slice(0, MOST) },
    width: WIDTH - 90,
    height: { step: 20 },
    layer: [
      { mark: { type: "bar", color }, encoding: { y, x } },
      {
        mark: { type: "text", align: "left", dx: 4 },
        encoding: { y, x, text: quantitative("count", { format: "," }) },
      },
    ],
  });
}

/** Malformed replies by the rule that they break. */
export function malformedByReason(counts: Readonly<Record<string, number>>): ChartSpec {
  return countsChart(counts, { title: "Malformed replies by reason", color: WORSE });
}

/** Rejected prompts by reason. */
export function rejectedByReason(counts: Readonly<Record<string, number>>): ChartSpec {
  return countsChart(counts, {
    title: "Rejected prompts by reason",
    counted: "prompts",
    color: WORSE,
  });
}
