/// <reference lib="dom" />
/** All distributions: brush one and the others follow. */
import { keptByMargin } from "../../view/kept_by_margin.ts";
import { spearman } from "../../view/statistics.ts";
import { columnOf } from "../columns.ts";
import type { App } from "./app.ts";
import { card, count, debounced, eachFrame, h, hint, percent, short, table } from "./dom.ts";
import { Facet } from "./facet.ts";
import type { Filter, Range } from "./filters.ts";
import {
  bestOfKRemaining,
  type GroupRow,
  groupRows,
  heatOf,
  type Looked,
  remainingPairs,
  spreadEvenly,
} from "./groups.ts";
import { Histogram } from "./histogram.ts";
import { HeatMap, lineChart } from "./lines.ts";

/** The overview's page. */
export class Overview {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #histograms = new Map<string, Histogram>();
  readonly #facets = new Map<string, Facet>();
  readonly #heat: HeatMap;
  readonly #best = h("div", { class: "slot" });
  readonly #kept = h("div", { class: "slot" });
  readonly #by = h("select", { "aria-label": "Group by" });
  readonly #table = h("div", { class: "scroll" });
  readonly #controlled = h("input", { type: "checkbox" });
  readonly #settle = debounced(180, () => this.#slow());
  #drawn = false;

  constructor(app: App) {
    this.#app = app;
    const set = eachFrame((name: string, filter: Filter | null) => app.setFilter(name, filter));
    for (const [name, binned] of app.filters.binned) {
      const { kind } = binned.column;
      if (kind === "category") {
        // A column with one value is nothing to choose from; what is decided changes.
        const used = [...app.all.counts.get(name)!].filter((count) => count > 0);
        if (used.length < 2 && name !== "decision") continue;
        this.#facets.set(name, new Facet(binned, (filter) => app.setFilter(name, filter)));
        if (binned.column.of === "prompt" && name !== "decision") {
          this.#by.append(h("option", { value: name }, binned.column.label));
        }
      } else if (binned.count > 1) {
        this.#histograms.set(name, new Histogram(binned, (range) => set(name, range)));
      }
    }
    this.#by.value = columnOf(app.data, "source") ? "source" : this.#by.value;
    this.#by.addEventListener("change", () => this.#slow());
    this.#controlled.addEventListener("change", () => this.#slow());
    const tool = h("label", { class: "check" }, this.#controlled, "length-controlled");
    this.#heat = new HeatMap(
      "Reward against length",
      "replies",
      columnOf(app.data, "controlled") && tool,
    );
    this.element = h(
      "div",
      { class: "overview" },
      h("div", { class: "facets" }, elementsOf(this.#facets)),
      h(
        "div",
        hint("Drag over a chart, or type a range: every chart, list and table follows."),
        h("div", { class: "charts" }, elementsOf(this.#histograms)),
        h(
          "div",
          { class: "charts wide" },
          columnOf(app.data, "reward") && this.#heat.element,
          this.#best,
          this.#kept,
        ),
        card("By", { beside: this.#by, label: "By group" }, this.#table),
      ),
    );
  }

  /** Shows what remains now. */
  show(): void {
    const { remaining, all, state } = this.#app;
    for (const [name, facet] of this.#facets) {
      const filter = state.filters[name];
      const chosen = new Set(filter && "values" in filter ? filter.values : []);
      facet.show(remaining.counts.get(name)!, all.counts.get(name)!, chosen);
    }
    for (const [name, chart] of this.#histograms) {
      const filter = state.filters[name] as Range | undefined;
      chart.show(remaining.counts.get(name)!, all.counts.get(name)!, filter ?? null);
    }
    if (!this.#drawn) this.draw();
    this.#settle();
  }

  /** Draws all charts anew: the width or the colours changed. */
  draw(): void {
    this.#drawn = true;
    for (const chart of this.#histograms.values()) chart.draw();
    this.#settle();
  }

  /** What is not followed during a brush, but right after it. */
  #slow(): void {
    if (!this.element.isConnected) return;
    const { data, filters } = this.#app;
    const looked = this.#app.looked();
    const reward = filters.binned.get(this.#controlled.checked ? "controlled" : "reward");
    const length = filters.binned.get("answer_length");
    if (reward && length) {
      const side = ({ from, step, count }: typeof reward, label: string) => (
        { from, to: from + step * count, label }
      );
      const { label, unit } = length.column, name = reward.column.label;
      const pairs = remainingPairs(looked, [length.column, reward.column]);
      const follows = short(spearman(spreadEvenly(pairs[0]), spreadEvenly(pairs[1])));
      const y = side(reward, `${name}: Spearman ${follows}`);
      const heat = heatOf(pairs, side(length, `${label}, ${unit}`), y);
      this.#heat.show(heat, `${name} against length: Spearman ${follows}`);
    }
    this.#showBest(looked);
    this.#showKept();
    const by = columnOf(data, this.#by.value);
    if (by) this.#showTable(groupRows(looked, by), by.name);
  }

  #showBest(looked: Looked): void {
    const curve = bestOfKRemaining(looked);
    if (curve.length < 2) return this.#best.replaceChildren();
    const chart = lineChart("Expected best of k", `mean reward of the best of k replies`, {
      x: curve.map(({ k }) => k),
      lines: [{ name: "best of k", values: curve.map(({ expected }) => expected) }],
      axis: "k",
    });
    this.#best.replaceChildren(chart.element);
    chart.draw();
  }

  /** Pairs that each least margin leaves. */
  #showKept(): void {
    const margin = columnOf(this.#app.data, "margin");
    if (!margin) return;
    const { shown } = this.#app.remaining;
    const margins = margin.data.filter((value, row) => shown[row] && !Number.isNaN(value));
    if (margins.length < 2) return this.#kept.replaceChildren();
    const rows = keptByMargin({ margins, chosenLengths: [], rejectedLengths: [] });
    const chart = lineChart("Pairs kept by least margin", `of ${count(margins.length)}`, {
      x: rows.map(({ minMargin }) => minMargin),
      lines: [{ name: "pairs", values: rows.map(({ kept }) => kept) }],
      axis: "--min-margin",
      steps: true,
    });
    this.#kept.replaceChildren(chart.element);
    chart.draw();
  }

  #showTable(rows: readonly GroupRow[], column: string): void {
    const lines = rows.slice(0, 200).map((row) => [
      h("button", {
        class: "link",
        title: "Show these alone",
        onclick: () => this.#app.setFilter(column, { values: [row.name] }),
      }, row.name),
      ...Object.values(FIGURES).map((figure) => figure(row)),
    ]);
    this.#table.replaceChildren(table(["", ...Object.keys(FIGURES)], lines));
  }
}

/** What the table tells of a group. */
const FIGURES: Record<string, (row: GroupRow) => string> = {
  "prompts": ({ prompts }) => count(prompts),
  "replies": ({ replies }) => count(replies),
  "mean reward": ({ reward }) => short(reward),
  "mean spread": ({ spread }) => short(spread),
  "reward follows length": ({ follows }) => short(follows),
  "mean answer": ({ length }) => short(Math.round(length)),
  "malformed": ({ malformed }) => percent(malformed),
};

function elementsOf(parts: ReadonlyMap<string, { element: HTMLElement }>): HTMLElement[] {
  return [...parts.values()].map(({ element }) => element);
}
