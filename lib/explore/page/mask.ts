/// <reference lib="dom" />
/** A dataset's row token by token: what a trainer learns of it. */
import type { RowMask } from "../../training/row_masks.ts";
import type { MaskedSequence, MaskedToken } from "../../training/mask_view.ts";
import type { App } from "./app.ts";
import { count, h, hint, warning } from "./dom.ts";

/** The masks of rows, each asked for when it is first opened and then kept while its prompt is. */
export class Masks {
  readonly #app: App;
  readonly #made = new Map<number, HTMLElement>();

  constructor(app: App) {
    this.#app = app;
  }

  /** Forgets those of another prompt. */
  clear(): void {
    this.#made.clear();
  }

  /** The mask of a row, folded. */
  element(row: number): HTMLElement {
    let element = this.#made.get(row);
    if (element !== undefined) return element;
    const body = h("div", hint("Rendering …"));
    let asked = false;
    const ask = async () => {
      if (asked) return;
      asked = true;
      body.replaceChildren(await this.#body(row));
    };
    const title = `what ${this.#app.data.trainer} learns of this row (m)`;
    element = h("details", { class: "mask", ontoggle: ask }, h("summary", title), body);
    this.#made.set(row, element);
    return element;
  }

  async #body(row: number): Promise<HTMLElement> {
    try {
      const { sequences, faults }: RowMask = await this.#app.source.mask(row);
      return h(
        "div",
        faults.map(({ rule, detail }) => warning(`${rule}: ${detail}`)),
        h("div", { class: "diff" }, sequences.map(sequenceElement)),
      );
    } catch (error) {
      return warning((error as Error).message);
    }
  }
}

function sequenceElement({ side, learnt, kept, tokens }: MaskedSequence): HTMLElement {
  const said = `${count(learnt)} of ${count(tokens.length)} tokens are learnt` +
    (kept < tokens.length ? `, cut to ${count(kept)}` : "");
  return h(
    "div",
    h("h4", side === "" ? said : `${side}: ${said}`),
    h("div", { class: "text tokens", dir: "auto" }, ...runsOf(tokens).map(runElement)),
  );
}

/** Tokens of one state that stand together. */
function runsOf(tokens: readonly MaskedToken[]): { state: string; own: [number, MaskedToken][] }[] {
  const runs: { state: string; own: [number, MaskedToken][] }[] = [];
  for (const [index, token] of tokens.entries()) {
    if (runs.at(-1)?.state !== token.state) runs.push({ state: token.state, own: [] });
    runs.at(-1)!.own.push([index, token]);
  }
  return runs;
}

/** Learnt tokens are `mark`, which is said aloud too. */
function runElement({ state, own }: ReturnType<typeof runsOf>[number]): HTMLElement {
  return h(
    state === "learnt" ? "mark" : "span",
    { class: state },
    ...own.map(([index, { id, text }]) =>
      h("span", { class: "token", title: `token ${index}, id ${id}, ${state}` }, text)
    ),
  );
}
