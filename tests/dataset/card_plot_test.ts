import assert from "node:assert/strict";
import { CardPlot } from "../../lib/dataset/build/card_plot.ts";

function heights(svg: string): number[] {
  return [...svg.matchAll(/<rect x="[^"]+" y="[^"]+" width="[^"]+" height="([^"]+)"/g)]
    .map(([, height]) => Number(height));
}

Deno.test("Bars are as high as their share of the values", () => {
  const plot = new CardPlot();
  for (let index = 0; index < 3000; index++) plot.add(index % 24);
  for (let index = 0; index < 125; index++) plot.add(23);
  const bars = heights(plot.svg("Title", "label"));
  assert.equal(bars.length, 24);
  assert.equal(new Set(bars.slice(0, 23)).size, 1);
  assert.ok(Math.abs(bars[23]! - 2 * bars[0]!) < 0.1);
});

Deno.test("No values, and one value alone, make sound pictures", () => {
  assert.doesNotMatch(new CardPlot().svg("Title", "label"), /NaN|Infinity/);
  const one = new CardPlot();
  one.add(5);
  assert.doesNotMatch(one.svg("Title", "label"), /NaN|Infinity/);
  assert.equal(heights(one.svg("Title", "label")).filter((height) => height > 0).length, 1);
});
