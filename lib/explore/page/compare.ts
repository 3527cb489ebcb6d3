/// <reference lib="dom" />
/** Two runs, or two reward models, over each other. */
import { binsOf } from "../../view/bins.ts";
import { columnOf } from "../columns.ts";
import type { App } from "./app.ts";
import { compare, type Comparison, type Side } from "./comparison.ts";
import { card, choice, count, h, hint, percent, short, warning } from "./dom.ts";
import { promptLine } from "./extremes.ts";
import { lineChart } from "./lines.ts";
import type { Previews } from "./previews.ts";

interface Named {
  name: string;
  side: Side;
}

/** Everything that can be a side. */
function sidesOf({ data }: App): Named[] {
  const runs = columnOf(data, "run"), best = columnOf(data, "best");
  const sides: Named[] = [];
  if (runs && best && runs.names!.length > 2) {
    const scored = new Set<number>();
    best.data.forEach((value, row) => {
      if (!Number.isNaN(value)) scored.add(runs.data[row]!);
    });
    runs.names!.forEach((name, run) => {
      if (scored.has(run)) sides.push({ name, side: { column: "reward", run } });
    });
  }
  for (const { name, label } of data.columns) {
    if (name.startsWith("score:")) sides.push({ name: label, side: { column: name, run: null } });
  }
  return sides;
}

/** The page of the comparison, and what draws its chart once it is in the page. */
export function compareElement(
  app: App,
  previews: Previews,
): { element: HTMLElement; draw: () => void } {
  const sides = sidesOf(app);
  if (sides.length < 2) {
    const text =
      "To compare, open two runs (--in A --in B), or one that several reward models scored.";
    return { element: hint(text), draw: () => {} };
  }
  const { state } = app;
  const a = sides.find(({ name }) => name === state.compare.a) ?? sides[0]!;
  const b = sides.find(({ name }) => name === state.compare.b && name !== a.name) ??
    sides.find(({ name }) => name !== a.name)!;
  const names = sides.map(({ name }) => name);
  const side = (key: "a" | "b", chosen: Named) =>
    choice(`Side ${key}`, names, chosen.name, (name) => {
      app.go({ compare: { a: a.name, b: b.name, [key]: name } });
    });
  const found = compare(app.data, a.side, b.side, app.remaining.shown);
  const chart = overlay(found, [a.name, b.name]);
  const element = h(
    "div",
    { class: "compare" },
    h("div", { class: "searchbar" }, side("a", a), h("span", "against"), side("b", b)),
    found.prompts === 0
      ? warning("No prompt with rewards on both sides remains.")
      : figures(found, a.name),
    h(
      "div",
      { class: "charts wide" },
      chart.element,
      card(
        "Widest differences",
        { beside: h("small", `mean reward, ${a.name} less ${b.name}`) },
        h(
          "ol",
          { class: "extremes" },
          ...found.widest.map(({ row, difference }) =>
            promptLine(app, previews, row, { figure: short(difference) })
          ),
        ),
      ),
    ),
  );
  return { element, draw: chart.draw };
}

function figures(
  { won: { rate, wins, losses, ties }, difference, prompts, sameBest }: Comparison,
  name: string,
): HTMLElement {
  const figure = (label: string, value: string, note: string) =>
    h("div", { class: "figure" }, h("small", label), h("b", value), h("small", note));
  return h(
    "div",
    { class: "figures" },
    figure(
      "prompts on both sides",
      count(prompts),
      `${count(wins)} won, ${count(losses)} lost, ${count(ties)} tied`,
    ),
    figure(
      `win rate of ${name}`,
      percent(rate.value),
      `95% interval ${percent(rate.low)} to ${percent(rate.high)}`,
    ),
    figure(
      "mean difference, by prompt",
      short(difference.value),
      `95% interval ${short(difference.low)} to ${short(difference.high)}, paired`,
    ),
    sameBest !== null &&
      figure("same best reply", percent(sameBest), "scores standardized over all replies"),
  );
}

/** Both sides' rewards as shares, over each other. */
function overlay({ rewards }: Comparison, names: [string, string]) {
  const series = rewards.map((values, at) => ({ name: names[at]!, values }));
  const { from, step, counts } = binsOf(series, 60);
  // The last bin ends where another would begin.
  const shares = counts.map((bins, at) => [...bins.map((count) => count / rewards[at]!.length), 0]);
  return lineChart("Rewards", "share of each side's replies", {
    x: shares[0]!.map((_, at) => from + at * step),
    lines: names.map((name, at) => ({ name, values: shares[at]! })),
    axis: "reward",
    steps: true,
  });
}
