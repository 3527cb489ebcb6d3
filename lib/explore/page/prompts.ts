/// <reference lib="dom" />
/** The table of all prompts that remain: only the rows in sight are in the page. */
import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
} from "@tanstack/virtual-core";
import { type Column, columnOf, NONE } from "../columns.ts";
import type { App } from "./app.ts";
import { DECISION_KEYS } from "./decide_bar.ts";
import { count, h, percent, short } from "./dom.ts";
import { sortedPrompts } from "./order.ts";
import type { Previews } from "./previews.ts";
import { searchBar } from "./search_bar.ts";

const ROW = 46;
/** Columns of the table that the data may have, in their order, with a shorter heading for some. */
const SHOWN: Record<string, string | null> = {
  run: null,
  source: null,
  margin: "margin",
  spread: "spread",
  best: "best",
  worst: "worst",
  length_correlation: "follows length",
  malformed_share: "malformed",
  scored: "scored",
  pairs: null,
  decision: null,
};

/** The prompts' page. */
export class Prompts {
  readonly element: HTMLElement;
  readonly #app: App;
  readonly #previews: Previews;
  readonly #columns: Column[];
  readonly #head = h("div", { role: "row", class: "row head" });
  readonly #inner = h("div", { class: "inner", role: "rowgroup" });
  readonly #scroller: HTMLElement;
  readonly #grid: HTMLElement;
  readonly #virtual: Virtualizer<HTMLElement, HTMLElement>;
  #rows: Uint32Array = new Uint32Array(0);
  #sorted: { shown: Uint8Array; key: string } | undefined;
  /** Place of the row that the keys act on. */
  #active = 0;

  constructor(app: App, previews: Previews) {
    this.#app = app;
    this.#previews = previews;
    this.#columns = Object.keys(SHOWN).map((name) => columnOf(app.data, name))
      .filter((column): column is Column => column !== undefined)
      .filter(({ name, names }) => !(name === "run" && names!.length <= 2));
    this.#scroller = h("div", {
      class: "scroller",
      tabindex: "0",
      "aria-label": "Prompts",
      role: "presentation",
    }, this.#inner);
    this.#grid = h(
      "div",
      { role: "grid", class: "grid", "aria-label": "Prompts" },
      h("div", { role: "rowgroup", class: "heads" }, this.#head),
      this.#scroller,
    );
    this.#grid.style.setProperty(
      "--columns",
      `minmax(240px, 1fr) ${this.#columns.map(() => "92px").join(" ")}`,
    );
    this.element = h("div", { class: "prompts" }, searchBar(app), this.#grid);
    this.#virtual = new Virtualizer<HTMLElement, HTMLElement>({
      count: 0,
      getScrollElement: () => this.#scroller,
      estimateSize: () => ROW,
      overscan: 8,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.#render(),
    });
    this.#scroller.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Begins to follow the size of its place; to be called once it is in the page. */
  attach(): () => void {
    return this.#virtual._didMount();
  }

  /** The rows in the table's order: for going from prompt to prompt. */
  get rows(): Uint32Array {
    return this.#rows;
  }

  /** Puts the rows that remain in their order. */
  sort(): void {
    const { data, remaining, state } = this.#app;
    // The order stays while neither what is shown nor the column changes.
    const key = JSON.stringify(state.sort);
    if (this.#sorted?.shown === remaining.shown && this.#sorted.key === key) return;
    this.#sorted = { shown: remaining.shown, key };
    this.#rows = sortedPrompts(data, remaining.shown, state.sort);
  }

  show(): void {
    this.sort();
    this.#active = Math.min(this.#active, Math.max(0, this.#rows.length - 1));
    this.#virtual.setOptions({ ...this.#virtual.options, count: this.#rows.length });
    this.#virtual._willUpdate();
    this.#showHead();
    this.#grid.setAttribute("aria-rowcount", String(this.#rows.length + 1));
    this.#render();
  }

  focus(): void {
    this.#scroller.focus();
  }

  #showHead(): void {
    const { sort } = this.#app.state;
    const cell = (name: string, label: string, kind = "") => {
      const sorted = sort.column === name ? (sort.down ? "descending" : "ascending") : "none";
      return h(
        "div",
        { role: "columnheader", class: kind, "aria-sort": sorted },
        name === "" ? label : h(
          "button",
          {
            title: `Sort by ${label}`,
            onclick: () =>
              this.#app.go({
                sort: { column: name, down: sort.column === name ? !sort.down : true },
              }),
          },
          label,
          sorted === "none" ? "" : sort.down ? " ↓" : " ↑",
        ),
      );
    };
    this.#head.replaceChildren(
      cell("", `${count(this.#rows.length)} prompts`),
      ...this.#columns.map(({ name, label, kind }) => cell(name, SHOWN[name] ?? label, kind)),
    );
  }

  #render(): void {
    this.#inner.style.height = `${this.#virtual.getTotalSize()}px`;
    this.#inner.replaceChildren(
      ...this.#virtual.getVirtualItems().map(({ index, start }) => {
        const row = this.#rows[index]!;
        const preview = this.#previews.get(row, () => this.#render());
        const text = preview ? preview.text : "…";
        const line = h(
          "div",
          {
            role: "row",
            class: `row${index === this.#active ? " active" : ""}`,
            "aria-rowindex": index + 2,
            "aria-selected": String(index === this.#active),
            onclick: () => this.#open(index),
          },
          h("div", { role: "gridcell", class: "text", title: preview?.id ?? "" }, text),
          ...this.#columns.map((column) => this.#cell(column, row)),
        );
        line.style.transform = `translateY(${start}px)`;
        return line;
      }),
    );
  }

  #cell({ name, kind, data, names }: Column, row: number): HTMLElement {
    const value = data[row]!;
    const text = kind === "category"
      ? names![value] ?? NONE
      : name === "malformed_share"
      ? percent(value)
      : short(value);
    const known = name === "decision" && value !== 0 ? ` decided ${text}` : "";
    return h("div", { role: "gridcell", class: `${kind}${known}`, title: text }, text);
  }

  #open(index: number): void {
    this.#active = index;
    this.#app.go({ view: "prompt", prompt: this.#rows[index]! });
  }

  #pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / ROW) - 1);
    const moves: Record<string, number> = {
      ArrowDown: 1,
      j: 1,
      ArrowUp: -1,
      k: -1,
      PageDown: page,
      PageUp: -page,
      Home: -this.#rows.length,
      End: this.#rows.length,
    };
    const move = moves[event.key], action = DECISION_KEYS[event.key];
    const row = this.#rows[this.#active];
    if (move !== undefined) {
      this.#active = Math.min(this.#rows.length - 1, Math.max(0, this.#active + move));
      this.#virtual.scrollToIndex(this.#active);
      this.#render();
    } else if (event.key === "Enter" && row !== undefined) this.#open(this.#active);
    else if (action !== undefined && row !== undefined) {
      void this.#app.decide({ action, rows: [row] });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
