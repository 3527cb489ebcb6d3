/** What all charts share: the schema that JupyterLab renders, sizes and colours. */
import type { TopLevelSpec } from "vega-lite";

/** A Vega-Lite specification with its data within, counted beforehand so that it stays small. */
export type ChartSpec = TopLevelSpec;

/** JupyterLab 4 renders `application/vnd.vegalite.v5+json`, and knows no v6. */
const SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json";

/** Told apart by eye and by the colour-blind, on light and on dark ground. */
export const COLORS = ["#3f7fd0", "#e0812b", "#2a9d8f", "#b0579c", "#8c8c3a", "#d0524f"];
/** The better and the worse of two: best and worst, chosen and rejected. */
export const BETTER = "#2a9d8f", WORSE = "#e0812b";

export const WIDTH = 340, HEIGHT = 200;

/** Adds what every chart has. The description is read out in place of the picture. */
export function chartSpec(
  title: string,
  description: string,
  body: Record<string, unknown>,
): ChartSpec {
  const size = "hconcat" in body || "vconcat" in body ? {} : { width: WIDTH, height: HEIGHT };
  // The literal types of a specification's parts are lost where it is put together.
  return { $schema: SCHEMA, title, description, ...size, ...body } as unknown as ChartSpec;
}

/** The colour of each of several named series. */
export function colorsOf(names: readonly string[]): { domain: string[]; range: string[] } {
  const known: Record<string, string> = {
    best: BETTER,
    worst: WORSE,
    chosen: BETTER,
    rejected: WORSE,
  };
  const range = names.map((name, index) => known[name] ?? COLORS[index % COLORS.length]!);
  return { domain: [...names], range };
}

/** The colours of series by their names, with a legend where there are several. */
export function seriesColor(names: readonly string[]) {
  const legend = names.length > 1 ? { orient: "top" } : null;
  return { field: "series", type: "nominal", scale: colorsOf(names), title: null, legend };
}

/** Numbers of a field, along an axis or in a colour. */
export function quantitative(field: string, more: Record<string, unknown> = {}) {
  return { field, type: "quantitative", ...more };
}
