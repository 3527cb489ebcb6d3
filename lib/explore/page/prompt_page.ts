/// <reference lib="dom" />
/** A prompt's page: all replies ranked, in every run that has it, and what is decided of it. */
import { columnOf, NONE } from "../columns.ts";
import type { Decision } from "../../core/decisions.ts";
import type { PromptView, ReplyView, RunView } from "../prompt_view.ts";
import type { App } from "./app.ts";
import { DecideBar, DECISION_KEYS, type HandPair } from "./decide_bar.ts";
import { differencesElement } from "./diff.ts";
import { count, h, warning } from "./dom.ts";
import { Masks } from "./mask.ts";
import { replyCard } from "./reply_card.ts";
import { textElement } from "./text.ts";

export class PromptPage {
  readonly element = h("div", { class: "prompt" });
  readonly #app: App;
  readonly #bar: DecideBar;
  readonly #masks: Masks;
  /** The prompts in the table's order, to go from one to the next. */
  readonly #order: () => Uint32Array;
  #view: PromptView | undefined;
  /** Replies to be compared, by row. */
  #compared: number[] = [];
  /** Sides of a pair that is being chosen by hand. */
  #pair: Partial<HandPair> = {};

  constructor(app: App, order: () => Uint32Array) {
    this.#app = app;
    this.#bar = new DecideBar(app);
    this.#masks = new Masks(app);
    this.#order = order;
  }

  /** Fetches the prompt if it is another one, and shows it. */
  async show(whole: string | null = null): Promise<void> {
    const { prompt } = this.#app.state;
    if (this.#view?.row !== prompt || whole !== null) {
      try {
        const view = await this.#app.source.prompt(prompt, whole);
        if (this.#app.state.prompt !== prompt) return;
        if (this.#view?.row !== prompt) this.#begin(view);
        this.#view = view;
      } catch (error) {
        this.element.replaceChildren(warning((error as Error).message));
        return;
      }
    }
    this.#render();
  }

  /** Keys: arrows go from prompt to prompt, letters decide. */
  pressed(event: KeyboardEvent): boolean {
    const row = this.#view?.row;
    if (row === undefined) return false;
    const action = DECISION_KEYS[event.key];
    if (action !== undefined) {
      this.#bar.decide({ action });
      return true;
    }
    switch (event.key) {
      case "ArrowRight":
      case "n":
        return this.#step(1);
      case "ArrowLeft":
      case "p":
        return this.#step(-1);
      case "t":
        return this.#fold("details:not(.mask)");
      case "m":
        return this.#fold("details.mask");
      case "Escape":
        this.#app.go({ view: "prompts" });
        return true;
    }
    return false;
  }

  #fold(which: string): true {
    for (const details of this.element.querySelectorAll<HTMLDetailsElement>(which)) {
      details.open = !details.open;
    }
    return true;
  }

  #begin(view: PromptView): void {
    this.#masks.clear();
    this.#pair = {};
    const replies = ranked(view.runs[0]!.replies).filter(({ malformed }) => malformed === null);
    const ends = [replies[0], replies.at(-1)];
    const side = (role: string, end: ReplyView | undefined) =>
      replies.find((reply) => reply.role === role) ?? end;
    this.#compared = [side("chosen", ends[0]), side("rejected", ends[1])]
      .flatMap((reply) => reply ? [reply.row] : []);
    this.element.scrollTop = 0;
  }

  #step(by: number): boolean {
    const order = this.#order();
    const at = order.indexOf(this.#app.state.prompt);
    const next = order[at < 0 ? 0 : at + by];
    if (next !== undefined) this.#app.go({ prompt: next });
    return true;
  }

  #render(): void {
    const view = this.#view!;
    const order = this.#order();
    const at = order.indexOf(view.row);
    const place = at < 0
      ? "not among those that the filters show"
      : `${count(at + 1)} of ${count(order.length)}`;
    const thoughts = () => [...this.element.querySelectorAll<HTMLDetailsElement>("[data-key]")];
    const open = new Set(thoughts().filter(({ open }) => open).map(({ dataset }) => dataset.key));
    this.element.replaceChildren(
      h(
        "nav",
        { "aria-label": "From prompt to prompt" },
        h("button", { onclick: () => this.#app.go({ view: "prompts" }) }, "← all prompts"),
        h("button", { disabled: at <= 0, onclick: () => this.#step(-1) }, "previous"),
        h("button", { disabled: at >= order.length - 1, onclick: () => this.#step(1) }, "next"),
        h("small", place),
      ),
      h(
        "section",
        { class: "card question", "aria-label": "The prompt" },
        h("header", h("h2", view.id), h("small", this.#facts(view))),
        ...view.messages.map(({ role, content }) => (
          h(
            "div",
            { class: `turn ${role}` },
            h("small", role),
            textElement(content, (key) => void this.show(key)),
          )
        )),
        this.#bar.show(view.row, this.#handPair()),
      ),
      h(
        "div",
        { class: `runs n${Math.min(3, view.runs.length)}` },
        ...view.runs.map((run) => this.#runElement(run, view.runs.length > 1)),
      ),
      differencesElement(view.runs, this.#compared),
    );
    for (const thought of thoughts()) thought.open = open.has(thought.dataset.key);
  }

  #facts({ source, extra, row }: PromptView): string {
    const follows = columnOf(this.#app.data, "length_correlation")?.data[row];
    const facts = [
      `source ${source}`,
      ...Object.entries(extra).map(([name, value]) => `${name} ${value}`),
    ];
    if (follows !== undefined && !Number.isNaN(follows)) {
      facts.push(`reward follows length ${follows.toFixed(2)}`);
    }
    return facts.join(" · ").slice(0, 400);
  }

  #runElement(run: RunView, several: boolean): HTMLElement {
    const own = run.row === this.#view!.row;
    const decision = this.#app.decisions.get(run.row);
    const signs = columnOf(this.#app.data, "signs");
    return h(
      "section",
      { "aria-label": run.run },
      several && h("h3", run.run, h("small", ` ${run.model}`)),
      run.reason && warning(`No pair: ${run.reason}`),
      run.isTrained && this.#app.data.trainer !== null && this.#masks.element(run.row),
      ...ranked(run.replies).map((reply, at) => {
        const sign = signs?.names?.[signs.data[reply.row]!] ?? NONE;
        const can = own && this.#app.decided.word !== null;
        return replyCard(reply, {
          rank: at + 1,
          role: own ? this.#roleOf(reply, decision) : reply.role,
          signs: sign === NONE ? null : sign,
          compared: this.#compared.includes(reply.row),
          actions: {
            whole: (key) => void this.show(key),
            choose: can ? () => this.#side("chosen", reply.index) : undefined,
            reject: can ? () => this.#side("rejected", reply.index) : undefined,
            compare: () => this.#compare(reply.row),
          },
        });
      }),
    );
  }

  #handPair(): HandPair | null {
    const { chosen, rejected } = this.#pair;
    return chosen === undefined || rejected === undefined ? null : { chosen, rejected };
  }

  /** By what is being chosen, else by the decision, else by the rules. */
  #roleOf({ index, role }: ReplyView, decision: Decision | undefined): string | null {
    const begun = this.#pair.chosen !== undefined || this.#pair.rejected !== undefined;
    if (!begun && decision?.action !== "pair") return role;
    const { chosen, rejected } = begun ? this.#pair : decision!;
    return index === chosen ? "chosen" : index === rejected ? "rejected" : null;
  }

  /** Takes a reply as one side; the other is the rules' until it is taken too. */
  #side(side: "chosen" | "rejected", index: number): void {
    const { replies } = this.#view!.runs[0]!;
    const of = (role: string) => replies.find((reply) => reply.role === role)?.index;
    const other = side === "chosen" ? "rejected" : "chosen";
    const opposite = this.#pair[other] ?? of(other);
    this.#pair = { [side]: index, [other]: opposite === index ? undefined : opposite };
    this.#render();
  }

  #compare(row: number): void {
    this.#compared = this.#compared.includes(row)
      ? this.#compared.filter((other) => other !== row)
      : [...this.#compared, row].slice(-2);
    this.#render();
  }
}

/** Best first, by the score that pairs go by; what has none comes last. */
function ranked(replies: readonly ReplyView[]): ReplyView[] {
  const rank = ({ by, score }: ReplyView) => by ?? score ?? -Infinity;
  return [...replies].sort((a, b) => rank(b) - rank(a) || a.index - b.index);
}
