import assert from "node:assert/strict";
import fc from "fast-check";
import * as vega from "vega";
import * as vegaLite from "vega-lite";
import { binsOf, roundStep } from "../../lib/view/bins.ts";
import { bestOfK } from "../../lib/view/charts/best_of_k.ts";
import { countsChart, malformedByReason } from "../../lib/view/charts/counts.ts";
import { heat, rewardAgainstLength } from "../../lib/view/charts/heat.ts";
import {
  bestAndWorst,
  histogram,
  marginHistogram,
  rewardHistogram,
  spreadHistogram,
  tokenHistogram,
} from "../../lib/view/charts/histogram.ts";
import { keptPairs, keptPairsSlider } from "../../lib/view/charts/kept_pairs.ts";
import { keptByMargin } from "../../lib/view/kept_by_margin.ts";
import type { ChartSpec } from "../../lib/view/charts/spec.ts";
import { showChart, showHtml } from "../../lib/view/display.ts";
import { bestOfKCurve } from "../../lib/view/best_of_k.ts";
import { toSvg } from "../../lib/view/svg.ts";

/** The rows of a chart's own data. */
const rows = (spec: ChartSpec) =>
  (spec as unknown as { data: { values: Record<string, number>[] } }).data.values;

Deno.test("bins are round, cover every value once, and are the same for all series", () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const lists = fc.array(fc.array(number), { minLength: 1, maxLength: 3 });
  fc.assert(fc.property(lists, fc.integer({ min: 5, max: 60 }), (lists, most) => {
    const series = lists.map((values, index) => ({ name: `${index}`, values }));
    const { from, step, counts } = binsOf(series, most);
    const all = lists.flat();
    const length = counts[0]!.length;
    assert.ok(length <= most + 2, `${length} bins of at most ${most}`);
    counts.forEach((bins, index) => {
      assert.equal(bins.length, length);
      assert.equal(bins.reduce((a, b) => a + b, 0), lists[index]!.length);
    });
    if (all.length === 0) return;
    assert.ok(from <= Math.min(...all) + step * 1e-6);
    assert.ok(from + step * length >= Math.max(...all) - step * 1e-6);
  }));
});

Deno.test("values fall into the bins that hold them, and what is no number into none", () => {
  assert.deepEqual(binsOf([{ name: "a", values: [0, 0.9, 1, 1.5, 10, NaN, Infinity] }], 10), {
    from: 0,
    step: 1,
    counts: [[2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  });
  assert.deepEqual(binsOf([{ name: "a", values: [3, 3] }]).counts, [[2]]);
  assert.deepEqual([0.7, 1, 1.1, 3, 6, 0.04, 0].map(roundStep), [1, 1, 2, 5, 10, 0.05, 1]);
});

Deno.test("a histogram's rows hold each series' counts, or their shares", () => {
  const series = [{ name: "a", values: [1, 1, 2] }, { name: "b", values: [2] }];
  const options = { title: "t", axis: "x", most: 4 };
  const counts = rows(histogram(series, options)).map((
    { series, count, height },
  ) => [series, count, height]);
  assert.deepEqual(counts, [["a", 2, 2], ["a", 1, 1], ["b", 1, 1]]);
  const shares = rows(histogram(series, { ...options, shares: true }));
  assert.deepEqual(shares.map(({ height }) => height), [2 / 3, 1 / 3, 1]);
});

Deno.test("a heat map counts every pair of values once and tells both correlations", () => {
  const xs = [0, 1, 2, 3, 100], ys = [0, 1, 4, 9, 16];
  const spec = rewardAgainstLength(xs, ys);
  assert.equal(rows(spec).reduce((sum, { count }) => sum + count!, 0), 5);
  assert.deepEqual((spec.title as { subtitle: string }).subtitle, "Pearson 0.86, Spearman 1");
  for (const { x, x2, y, y2 } of rows(spec)) assert.ok(x! < x2! && y! < y2!);
});

Deno.test("minimum margins leave the pairs that reach them, and tell their length bias", () => {
  const pairs = {
    margins: [0, 0.5, 1, 2],
    chosenLengths: [10, 10, 30, 50],
    rejectedLengths: [10, 20, 10, 10],
  };
  const kept = keptByMargin(pairs);
  const at = (margin: number) => kept.find(({ minMargin }) => minMargin === margin);
  assert.deepEqual(at(0), { minMargin: 0, kept: 4, lengthBias: 12.5 });
  assert.deepEqual(at(0.5), { minMargin: 0.5, kept: 3, lengthBias: 50 / 3 });
  assert.deepEqual(at(0.52), { minMargin: 0.52, kept: 2, lengthBias: 30 });
  assert.deepEqual(at(2), { minMargin: 2, kept: 1, lengthBias: 40 });
  assert.equal(kept.length, 101);
  const none = { margins: [], chosenLengths: [], rejectedLengths: [] };
  assert.deepEqual(keptByMargin(none), [{ minMargin: 0, kept: 0, lengthBias: null }]);
});

Deno.test("any margin's count is what filtering by it gives", () => {
  const margin = fc.double({ min: 0, max: 9, noNaN: true });
  fc.assert(fc.property(fc.array(margin, { minLength: 1 }), (margins) => {
    const lengths = margins.map(() => 1);
    const pairs = { margins, chosenLengths: lengths, rejectedLengths: lengths };
    for (const { minMargin, kept } of keptByMargin(pairs)) {
      assert.equal(kept, margins.filter((margin) => margin >= minMargin).length);
    }
  }));
});

Deno.test("moving the slider changes the count that the chart tells", async () => {
  const pairs = { margins: [0, 1, 2], chosenLengths: [5, 5, 9], rejectedLengths: [1, 1, 1] };
  const spec = keptPairsSlider(pairs);
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: "none" });
  assert.match(await view.toSVG(), /3 of 3 pairs stay; chosen longer by \+5\.3 characters/);
  view.signal("minMargin", 1.5);
  assert.match(await view.toSVG(), /1 of 3 pairs stay; chosen longer by \+8\.0 characters/);
  view.finalize();
});

Deno.test("80,000 replies make charts of a few kilobytes, and each is drawn", async () => {
  const scores = Float64Array.from({ length: 80_000 }, (_, i) => Math.sin(i) * 5);
  const lengths = Float64Array.from({ length: 80_000 }, (_, i) => 500 + 400 * Math.cos(i * 1.7));
  const prompts = Array.from({ length: 10_000 }, (_, i) => scores.subarray(i * 8, i * 8 + 8));
  const series = [{ name: "think", values: scores }, { name: "nothink", values: lengths }];
  const pairs = { margins: scores, chosenLengths: lengths, rejectedLengths: lengths };
  const specs = [
    rewardHistogram(series),
    bestAndWorst(scores, lengths),
    spreadHistogram(scores),
    marginHistogram(scores),
    tokenHistogram(series),
    heat(lengths, scores, { title: "t", x: "x", y: "y" }),
    bestOfK([{ name: "think", points: bestOfKCurve(prompts) }]),
    keptPairs(pairs),
    keptPairsSlider(pairs),
    malformedByReason({ missing_tag: 3 }),
  ];
  for (const spec of specs) {
    assert.ok(JSON.stringify(spec).length < 100_000, String(spec.description));
    const svg = await toSvg(spec);
    assert.match(svg, /^<svg/);
    assert.ok(!/NaN|undefined/.test(svg), String(spec.description));
  }
});

Deno.test("charts of nothing are drawn too", async () => {
  const nothing = { margins: [], chosenLengths: [], rejectedLengths: [] };
  const specs = [
    rewardHistogram([{ name: "a", values: [] }]),
    rewardAgainstLength([], []),
    bestOfK([]),
    keptPairsSlider(nothing),
    countsChart({}, { title: "t" }),
  ];
  for (const spec of specs) assert.match(await toSvg(spec), /^<svg/);
});

Deno.test("hostile names stay text in the SVG", async () => {
  const svg = await toSvg(malformedByReason({ "<script>alert(1)</script>": 1 }));
  assert.ok(!svg.includes("<script"));
  assert.ok(svg.includes("&lt;script&gt;"));
});

Deno.test("a notebook is shown the chart by its type, and HTML as it is", () => {
  const bundle = showChart(rewardHistogram([]))[Symbol.for("Jupyter.display")]!();
  const spec = bundle["application/vnd.vegalite.v5+json"] as ChartSpec;
  assert.equal(spec.$schema, "https://vega.github.io/schema/vega-lite/v5.json");
  assert.deepEqual(showHtml("<b>x</b>")[Symbol.for("Jupyter.display")]!(), {
    "text/html": "<b>x</b>",
  });
});
