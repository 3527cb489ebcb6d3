/// <reference lib="dom" />
/** A category's values with their counts: each is a switch. */
import type { Binned } from "./bins.ts";
import { NONE } from "../columns.ts";
import { card, clearButton, count, h, headingOf } from "./dom.ts";
import type { Filter } from "./filters.ts";

/** Values that are listed at first. */
const FEW = 8;

/** A list of values, the most frequent first. */
export class Facet {
  readonly element: HTMLElement;
  readonly #binned: Binned;
  readonly #onChoose: (filter: Filter | null) => void;
  readonly #list = h("ul", { class: "facet" });
  readonly #more: HTMLButtonElement;
  readonly #clear: HTMLButtonElement;
  #open = false;
  #shown: [Uint32Array, Uint32Array, ReadonlySet<string>] | undefined;

  constructor(binned: Binned, onChoose: (filter: Filter | null) => void) {
    this.#binned = binned;
    this.#onChoose = onChoose;
    const { label, of, name } = binned.column;
    const title = headingOf(label);
    this.#more = h("button", { class: "quiet", onclick: () => this.#toggle() }, "");
    this.#clear = clearButton(label, () => onChoose(null));
    const note = h("small", of === "prompt" ? "by prompt" : "");
    this.element = card(title, { beside: [note, this.#clear] }, this.#list, this.#more);
    this.element.dataset.column = name;
  }

  /** Shows counts by value, those of all rows beside them, and the values that are chosen. */
  show(counts: Uint32Array, all: Uint32Array, chosen: ReadonlySet<string>): void {
    this.#shown = [counts, all, chosen];
    const names = this.#binned.column.names!;
    const order = names.map((_, code) => code)
      .filter((code) => all[code]! > 0 || chosen.has(names[code]!))
      .sort((a, b) => all[b]! - all[a]!);
    const listed = this.#open ? order.slice(0, 500) : order.slice(0, FEW);
    for (const code of order) {
      if (chosen.has(names[code]!) && !listed.includes(code)) listed.push(code);
    }
    const most = Math.max(1, ...listed.map((code) => counts[code]!));
    // Kept where it has the focus: a list that is made anew would lose it.
    const focused = this.#list.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset.value
      : undefined;
    this.#list.replaceChildren(
      ...listed.map((code) => this.#item(code, { counts, all, chosen, most })),
    );
    if (focused !== undefined) {
      [...this.#list.querySelectorAll("button")].find(({ dataset }) => dataset.value === focused)
        ?.focus();
    }
    this.element.classList.toggle("filtered", chosen.size > 0);
    this.#clear.hidden = chosen.size === 0;
    this.#more.hidden = order.length <= FEW;
    this.#more.textContent = this.#open ? "fewer" : `all ${count(order.length)}`;
  }

  #item(
    code: number,
    { counts, all, chosen, most }: {
      counts: Uint32Array;
      all: Uint32Array;
      chosen: ReadonlySet<string>;
      most: number;
    },
  ): HTMLElement {
    const name = this.#binned.column.names![code]!;
    const on = chosen.has(name);
    const bar = h("span", { class: "bar" });
    bar.style.width = `${100 * counts[code]! / most}%`;
    const button = h(
      "button",
      {
        "aria-pressed": String(on),
        title: `${name}: ${count(counts[code]!)} of ${count(all[code]!)}`,
        onclick: () => {
          const next = new Set(chosen);
          if (on) next.delete(name);
          else next.add(name);
          this.#onChoose(next.size === 0 ? null : { values: [...next] });
        },
      },
      bar,
      h("span", { class: "name" }, name === NONE ? "none" : name),
      h("span", { class: "count" }, count(counts[code]!)),
    );
    button.dataset.value = name;
    return h("li", button);
  }

  #toggle(): void {
    this.#open = !this.#open;
    if (this.#shown) this.show(...this.#shown);
  }
}
