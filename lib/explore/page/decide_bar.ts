/// <reference lib="dom" />
/** What can be decided about one prompt. */
import type { App } from "./app.ts";
import { h, hint } from "./dom.ts";

/** What a key decides; `keep` is as sampled, nothing decided. */
export const DECISION_KEYS: Readonly<Record<string, "exclude" | "flag" | "keep">> = {
  x: "exclude",
  f: "flag",
  c: "keep",
};

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
      return hint("Start explore with --decisions FILE to decide on prompts.");
    }
    const decision = this.#app.decisions.get(row);
    if (row !== this.#row) this.#comment.value = decision?.comment ?? "";
    this.#row = row;
    const focused = document.activeElement === this.#comment;
    if (focused) queueMicrotask(() => this.#comment.focus());
    const button = (action: "exclude" | "flag", key: string) =>
      h("button", {
        onclick: () => this.decide({ action }),
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
        onclick: () => this.decide({ action: "keep" }),
        disabled: !decision,
        title: "key c: as sampled, nothing decided",
      }, "keep"),
      pair && h(
        "button",
        { class: "main", onclick: () => this.decide({ action: "pair", ...pair }) },
        `pair reply ${pair.chosen} over ${pair.rejected}`,
      ),
      this.#comment,
      h("span", { class: "said" }, said),
    );
  }

  decide(what: { action: "exclude" | "flag" | "keep" | "pair" } & Partial<HandPair>): void {
    void this.#app.decide({ ...what, rows: [this.#row], comment: this.#comment.value });
  }
}
