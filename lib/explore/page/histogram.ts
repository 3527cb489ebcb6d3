/// <reference lib="dom" />
/** A histogram that is brushed: with the mouse, or by its two fields. */
import UPlot from "uplot";
import type { Binned } from "./bins.ts";
import { axes, chartCard, ink, Plot } from "./chart.ts";
import { clearButton, count, h, headingOf, short } from "./dom.ts";
import type { Range } from "./filters.ts";

/** One chart of a column of numbers. */
export class Histogram {
  readonly element: HTMLElement;
  readonly #binned: Binned;
  readonly #edges: number[];
  /** Told what range is asked for; null is all. */
  readonly #onBrush: (range: Range | null) => void;
  readonly #plot = new Plot();
  readonly #from = numberField("from");
  readonly #to = numberField("to");
  readonly #clear: HTMLButtonElement;
  #counts: Uint32Array = new Uint32Array(0);
  #all: Uint32Array = new Uint32Array(0);
  #range: Range | null = null;
  #inSight = true;
  #stale = false;

  constructor(binned: Binned, onBrush: (range: Range | null) => void) {
    this.#binned = binned;
    this.#onBrush = onBrush;
    const { count } = binned;
    this.#edges = Array.from({ length: count }, (_, at) => this.#edge(at));
    const { label, unit, of } = binned.column;
    for (const field of [this.#from, this.#to]) {
      field.setAttribute("aria-label", `${label}, ${field.placeholder}`);
      field.addEventListener("change", () => this.#typed());
    }
    this.#clear = clearButton(label, () => this.#onBrush(null));
    const foot = h("div", { class: "range" }, this.#from, "–", this.#to, this.#clear);
    const note = unit ?? (of === "prompt" ? "by prompt" : "");
    this.element = chartCard(headingOf(label), note, this.#plot, { foot });
    this.element.dataset.column = binned.column.name;
    new IntersectionObserver((seen) => {
      this.#inSight = seen.at(-1)!.isIntersecting;
      if (this.#inSight) this.#refresh();
    }, { rootMargin: "200px" }).observe(this.element);
  }

  /** Shows counts by bin, those of all rows behind them, and the range that is set. */
  show(counts: Uint32Array, all: Uint32Array, range: Range | null): void {
    this.#counts = counts;
    this.#all = all;
    this.#range = range;
    this.element.classList.toggle("filtered", range !== null);
    for (const [field, value] of [[this.#from, range?.min], [this.#to, range?.max]] as const) {
      if (document.activeElement !== field) {
        field.value = value === null || value === undefined ? "" : String(value);
      }
    }
    this.#clear.hidden = range === null;
    this.#describe();
    this.#stale = true;
    if (this.#inSight) this.#refresh();
  }

  /** Draws what is out of date; a chart that is out of sight waits until it is seen. */
  #refresh(): void {
    const { drawn } = this.#plot;
    if (drawn === undefined || !this.#stale) return;
    this.#stale = false;
    drawn.setData(this.#data(), true);
    this.#showRange(drawn);
  }

  /** Draws anew at the width of its place, in the present colours. */
  draw(): void {
    const colors = ink();
    const bars = UPlot.paths.bars!({ size: [1, 1000], align: 1, gap: 1 });
    const { step } = this.#binned;
    const end = this.#edges.at(-1)! + step;
    const top: UPlot.Range.Function = (_plot, _low, high) => [0, Math.max(1, high ?? 1) * 1.05];
    const plot = this.#plot.draw(
      {
        height: 132,
        padding: [6, 8, 0, 0],
        scales: {
          x: { time: false, range: [this.#edges[0]!, end] },
          all: { range: top },
          y: { range: top },
        },
        axes: axes(colors),
        series: [
          {},
          { scale: "all", paths: bars, fill: colors.all, width: 0, points: { show: false } },
          { scale: "y", paths: bars, fill: colors.some, width: 0, points: { show: false } },
        ],
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: true, y: false, setScale: false },
        },
        hooks: {
          setSelect: [(plot) => this.#selected(plot)],
          setCursor: [(plot) => this.#hovered(plot)],
        },
      },
      this.#data(),
    );
    plot.over.addEventListener("mousemove", (event) => {
      if (event.buttons === 1 && plot.select.width > 2) this.#selected(plot);
    });
    plot.over.addEventListener("dblclick", () => this.#onBrush(null));
    this.#showRange(plot);
  }

  #data(): UPlot.AlignedData {
    const { count } = this.#binned;
    const [all, some] = [this.#all, this.#counts].map((counts) =>
      Array.from(counts.subarray(0, count))
    );
    return [this.#edges, all!, some!];
  }

  /** The range that is selected in pixels, on the edges of bins; the outermost are open. */
  #selected(plot: UPlot): void {
    const { left, width } = plot.select;
    if (width <= 2) return;
    const { from, step, count, whole } = this.#binned;
    const low = Math.round((plot.posToVal(left, "x") - from) / step);
    const high = Math.round((plot.posToVal(left + width, "x") - from) / step);
    const range: Range = {
      min: low <= 0 ? null : this.#edge(low),
      // Both ends are within: of whole numbers the next bin begins one later.
      max: high >= count ? null : this.#edge(Math.max(high, low + 1)) - (whole ? 1 : 0),
    };
    this.#onBrush(range.min === null && range.max === null ? null : range);
  }

  /** Where a bin begins, without the noise of binary fractions. */
  #edge(bin: number): number {
    const { from, step } = this.#binned;
    return Number((from + bin * step).toPrecision(12));
  }

  #showRange(plot: UPlot): void {
    const range = this.#range;
    if (range === null) return plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    const { width, height } = plot.over.getBoundingClientRect();
    const at = (value: number | null, open: number) =>
      value === null ? open : Math.min(width, Math.max(0, plot.valToPos(value, "x")));
    const left = at(range.min, 0);
    plot.setSelect({ left, width: at(range.max, width) - left, top: 0, height }, false);
  }

  #hovered({ cursor: { idx, left } }: UPlot): void {
    if (idx === null || idx === undefined || (left ?? -1) < 0) return;
    const from = this.#edges[idx]!;
    this.#plot.place.title = `${short(from)} to ${short(from + this.#binned.step)}: ` +
      `${count(this.#counts[idx] ?? 0)} of ${count(this.#all[idx] ?? 0)}`;
  }

  #describe(): void {
    const { column, count: bins } = this.#binned;
    let total = 0, most = 0;
    for (let at = 0; at < bins; at++) {
      total += this.#counts[at] ?? 0;
      if ((this.#counts[at] ?? 0) > (this.#counts[most] ?? 0)) most = at;
    }
    const what = column.of === "prompt" ? "prompts" : "replies";
    this.#plot.place.setAttribute(
      "aria-label",
      `Histogram of ${column.label}: ${count(total)} ${what}, most between ` +
        `${short(this.#edges[most])} and ${short(this.#edges[most]! + this.#binned.step)}`,
    );
  }

  #typed(): void {
    const value = (field: HTMLInputElement) => field.value === "" ? null : Number(field.value);
    const range = { min: value(this.#from), max: value(this.#to) };
    this.#onBrush(range.min === null && range.max === null ? null : range);
  }
}

function numberField(placeholder: string): HTMLInputElement {
  return h("input", { type: "number", step: "any", placeholder });
}
