/** Charts as SVG text, without a browser. */
import type { ChartSpec } from "./charts/spec.ts";

/** Text and lines in the page's own colour, on the page's own ground: right by day and by night. */
const PAGE_CONFIG = {
  background: "transparent",
  font: "system-ui, -apple-system, 'Segoe UI', sans-serif",
  view: { stroke: null },
  title: {
    color: "currentColor",
    subtitleColor: "currentColor",
    anchor: "start",
    fontSize: 13,
    subtitleFontSize: 11,
  },
  axis: {
    labelColor: "currentColor",
    titleColor: "currentColor",
    titleFontWeight: "normal",
    gridColor: "currentColor",
    gridOpacity: 0.12,
    domainColor: "currentColor",
    domainOpacity: 0.4,
    tickColor: "currentColor",
    tickOpacity: 0.4,
    labelFontSize: 11,
    titleFontSize: 11,
  },
  legend: { labelColor: "currentColor", titleColor: "currentColor", labelFontSize: 11 },
  text: { color: "currentColor" },
  rule: { color: "currentColor" },
} as const;

/**
 * Draws a chart as SVG, in the colours of the page that it stands in. Vega is loaded when this is
 * first called.
 */
export async function toSvg(spec: ChartSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  const compiled = vegaLite.compile(spec, { config: PAGE_CONFIG }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
