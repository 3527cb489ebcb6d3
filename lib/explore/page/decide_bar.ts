/// <reference lib="dom" />
/** What can be decided about one prompt. */
import type { App } from "./app.ts";
import { h } from "./dom.ts";

/** The two replies of a pair that is being made by hand. */
export interface HandPair {
  chosen: number;
  rejected: number;
}

/** The buttons of a prompt's page, with a comment that goes with what is decided next. */
export class DecideBar {
  readonly #app: App;
  readonly #comment = h("input", {
    placeholder: "comment",
    "aria-label": "Comment on the decision",
  });
  #row = -1;

  constructor(app: App) {
    this.#app = app;
  }

  /** The bar for a prompt, and for the pair that was put together, if one was. */
  show(row: number, pair: HandPair | null): HTMLElement {
    if (this.#app.decided.word === null) {
      return h("p", { class: "hint" }, "Start explore with --decisions FILE to decide on prompts.");
    }
    const decision = this.#app.decisions.get(row);
    if (row !== this.#row) this.#comment.value = decision?.comment ?? "";
    this.#row = row;
    const focused = document.activeElement === this.#comment;
    if (focused) queueMicrotask(() => this.#comment.focus());
    const button = (action: "exclude" | "flag", key: string) =>
      h("button", {
        onclick: () => this.decide(action),
        "aria-pressed": String(decision?.action === action),
        title: `key ${key}`,
      }, action);
    const said = decision === undefined
      ? "nothing decided"
      : decision.action === "pair"
      ? `pair by hand: reply ${decision.chosen} over ${decision.rejected}`
      : `decided: ${decision.action}`;
    return h(
      "div",
      { class: "decide", role: "group", "aria-label": "Decision" },
      button("exclude", "x"),
      button("flag", "f"),
      h("button", {
        onclick: () => this.decide("keep"),
        disabled: !decision,
        title: "key c: as sampled, nothing decided",
      }, "keep"),
      pair === null ? null : h(
        "button",
        { class: "main", onclick: () => this.#decidePair(pair) },
        `pair reply ${pair.chosen} over ${pair.rejected}`,
      ),
      this.#comment,
      h("span", { class: "said" }, said),
    );
  }

  decide(action: "exclude" | "flag" | "keep"): void {
    const comment = action === "keep" ? {} : this.#said();
    void this.#app.decide({ action, rows: [this.#row], ...comment });
  }

  #decidePair(pair: HandPair): void {
    void this.#app.decide({ action: "pair", rows: [this.#row], ...pair, ...this.#said() });
  }

  #said(): { comment?: string } {
    const comment = this.#comment.value.trim();
    return comment === "" ? {} : { comment };
  }
}
