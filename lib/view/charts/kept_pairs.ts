/** What a minimum margin would do to a DPO dataset. */
import { keptByMargin, type PairNumbers } from "../kept_by_margin.ts";
import { count } from "../number_text.ts";
import { BETTER, type ChartSpec, chartSpec, COLORS, quantitative } from "./spec.ts";

const keptLine = {
  mark: {
    type: "area",
    interpolate: "step-after",
    line: { color: BETTER },
    color: BETTER,
    opacity: 0.35,
  },
  encoding: {
    x: quantitative("minMargin", { title: "minimum margin", axis: { tickCount: 6 } }),
    y: quantitative("kept", { title: "pairs that stay", axis: { tickCount: 5 } }),
    tooltip: ["minMargin", "kept", "lengthBias"].map((field) => ({ field })),
  },
};

/** How many pairs each minimum margin leaves. */
export function keptPairs(pairs: PairNumbers): ChartSpec {
  const title = "Pairs kept by minimum margin";
  return chartSpec(title, `${title}, of ${count(pairs.margins.length)}`, {
    data: { values: keptByMargin(pairs) },
    ...keptLine,
  });
}

/**
 * The same with a slider for the minimum margin, for notebooks: the pairs that stay and their
 * length bias, as numbers and as lines. Rendered as SVG, so that its text can be read.
 */
export function keptPairsSlider(pairs: PairNumbers, unit = "characters"): ChartSpec {
  const rows = keptByMargin(pairs);
  const total = pairs.margins.length;
  const step = rows[1]?.minMargin ?? 1;
  const title = "Pairs kept by minimum margin";
  const rule = {
    data: { values: [{}] },
    mark: { type: "rule", strokeDash: [4, 3] },
    encoding: { x: { datum: { expr: "minMargin" }, type: "quantitative" } },
  };
  // Of the rows up to the slider's place, the last.
  const here = [
    { filter: "datum.minMargin <= minMargin + 1e-9" },
    {
      window: [{ op: "row_number", as: "back" }],
      sort: [{ field: "minMargin", order: "descending" }],
    },
    { filter: "datum.back === 1" },
  ];
  const bias = "datum.lengthBias === null ? '–' : format(datum.lengthBias, '+,.1f')";
  const words = `format(datum.kept, ',') + ' of ${
    count(total)
  } pairs stay; chosen longer by ' + (${bias}) + ' ${unit}'`;
  const text = {
    transform: [...here, { calculate: words, as: "words" }],
    mark: { type: "text", align: "left", baseline: "top", fontSize: 13, fontWeight: "bold" },
    encoding: { text: { field: "words" }, x: { value: 0 }, y: { value: 0 } },
  };
  const biasLine = {
    mark: { type: "line", interpolate: "step-after", color: COLORS[1] },
    encoding: {
      x: keptLine.encoding.x,
      y: quantitative("lengthBias", {
        title: `chosen − rejected (mean ${unit})`,
        axis: { tickCount: 5 },
      }),
      tooltip: keptLine.encoding.tooltip,
    },
  };
  const size = { width: 300, height: 200 };
  return chartSpec(title, `${title}, with a slider`, {
    params: [{
      name: "minMargin",
      value: 0,
      bind: {
        input: "range",
        min: 0,
        max: rows.at(-1)?.minMargin ?? 1,
        step,
        name: "minimum margin ",
      },
    }],
    data: { values: rows },
    usermeta: { embedOptions: { renderer: "svg" } },
    vconcat: [
      { width: 640, height: 16, view: { stroke: null }, ...text },
      { hconcat: [{ ...size, layer: [keptLine, rule] }, { ...size, layer: [biasLine, rule] }] },
    ],
  });
}
