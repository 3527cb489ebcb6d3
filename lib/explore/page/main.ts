/// <reference lib="dom" />
/** The page: its bar, its views, its keys. */
import { App } from "./app.ts";
import { compareElement } from "./compare.ts";
import { count, h, short } from "./dom.ts";
import { extremesElement, item } from "./extremes.ts";
import { filesSource } from "./files_source.ts";
import { flagsOf } from "./flags.ts";
import { helpDialog } from "./help.ts";
import { Overview } from "./overview.ts";
import { Previews } from "./previews.ts";
import { PromptPage } from "./prompt_page.ts";
import { Prompts } from "./prompts.ts";
import { serverSource } from "./source.ts";
import type { State, View } from "./state.ts";

const TABS: View[] = ["overview", "prompts", "extremes", "compare", "decisions"];

/** Builds the page around its data. */
class Page {
  readonly #app: App;
  readonly #previews: Previews;
  readonly #main = document.getElementById("main")!;
  readonly #bar = document.getElementById("bar")!;
  readonly #overview: Overview;
  readonly #prompts: Prompts;
  readonly #prompt: PromptPage;
  #view: View | undefined;
  #detach: () => void = () => {};

  constructor(app: App) {
    this.#app = app;
    this.#previews = new Previews(app.source);
    this.#overview = new Overview(app);
    this.#prompts = new Prompts(app, this.#previews);
    this.#prompt = new PromptPage(app, () => this.#prompts.rows);
    document.title = `${app.data.title} · thinkset explorer`;
    app.onChange = () => this.show();
    app.onError = (message) => complain(message);
    addEventListener("keydown", (event) => this.#pressed(event));
    addEventListener("resize", () => this.#redraw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  /** Shows the state. */
  show(): void {
    const { state } = this.#app;
    this.#showBar();
    const changed = this.#view !== state.view;
    this.#view = state.view;
    if (changed) this.#detach();
    if (changed) this.#detach = () => {};
    switch (state.view) {
      case "overview":
        if (changed) this.#main.replaceChildren(this.#overview.element);
        this.#overview.show();
        break;
      case "prompts":
        if (changed) {
          this.#main.replaceChildren(this.#prompts.element);
          this.#detach = this.#prompts.attach();
        }
        this.#prompts.show();
        if (changed) this.#prompts.focus();
        break;
      case "prompt":
        if (this.#prompts.rows.length === 0) this.#prompts.show();
        if (changed) this.#main.replaceChildren(this.#prompt.element);
        void this.#prompt.show();
        break;
      case "extremes":
        this.#main.replaceChildren(extremesElement(this.#app, this.#previews));
        break;
      case "compare": {
        const { element, draw } = compareElement(this.#app, this.#previews);
        this.#main.replaceChildren(element);
        draw();
        break;
      }
      case "decisions":
        this.#main.replaceChildren(this.#decisions());
    }
    if (changed) scrollTo(0, 0);
  }

  #redraw(): void {
    if (this.#app.state.view === "overview") this.#overview.draw();
    else if (this.#app.state.view === "compare") this.show();
  }

  #showBar(): void {
    const { app, remaining, data, state } = { app: this.#app, ...this.#app };
    const active = state.view === "prompt" ? "prompts" : state.view;
    const tabs = TABS.map((view) =>
      h("button", {
        "aria-current": view === active ? "page" : undefined,
        onclick: () => app.go({ view }),
      }, view === "decisions" ? `decisions ${app.decided.decisions.length || ""}` : view)
    );
    const prompts = data.first.length - 1, replies = data.first.at(-1)!;
    this.#bar.replaceChildren(
      h(
        "div",
        { class: "top" },
        h("h1", { title: data.runs.map(({ path }) => path).join("\n") }, data.title),
        h("nav", { "aria-label": "Views" }, ...tabs),
        h("button", { class: "quiet", "aria-label": "Help", onclick: () => this.#help() }, "?"),
      ),
      h(
        "div",
        { class: "status" },
        h(
          "span",
          { class: "counts" },
          `${count(remaining.prompts)} of ${count(prompts)} prompts · ${
            count(remaining.replies)
          } of ${count(replies)} replies`,
        ),
        ...this.#chips(state),
        this.#hasFilter()
          ? h("button", { class: "quiet", onclick: () => app.clearFilters() }, "clear all")
          : null,
        h("span", { class: "spacer" }),
        h("button", { onclick: () => void this.#copyFlags() }, "copy as flags"),
        app.decided.word === null ? null : h(
          "button",
          { onclick: () => this.#decideAll(), disabled: remaining.prompts === 0 },
          "decide on all shown …",
        ),
        app.decided.canUndo
          ? h("button", { onclick: () => void app.undo(), title: "key u" }, "undo")
          : null,
      ),
      ...data.notes.map((note) => h("p", { class: "hint" }, note)),
    );
  }

  #hasFilter(): boolean {
    const { filters, search } = this.#app.state;
    return Object.keys(filters).length > 0 || search !== null;
  }

  /** The filters as words, each with a way to take it off. */
  #chips({ filters, search }: State): HTMLElement[] {
    const chips = Object.entries(filters).map(([name, filter]) => {
      const { label } = this.#app.filters.binned.get(name)!.column;
      const text = "values" in filter
        ? `${label}: ${filter.values.join(", ")}`
        : filter.min === null
        ? `${label} ≤ ${short(filter.max)}`
        : filter.max === null
        ? `${label} ≥ ${short(filter.min)}`
        : `${label} ${short(filter.min)} to ${short(filter.max)}`;
      return chip(text, () => this.#app.setFilter(name, null));
    });
    if (search !== null) {
      const text = search.regex ? `/${search.pattern}/` : `“${search.pattern}”`;
      const where = search.where === "anywhere" ? "" : ` in the ${search.where}`;
      chips.push(chip(text + where, () => void this.#app.setSearch(null)));
    }
    return chips;
  }

  async #copyFlags(): Promise<void> {
    const { data, state, decided } = this.#app;
    const { command, without } = flagsOf(state.filters, {
      inputs: data.runs.filter(({ kind }) => kind === "scored").map(({ word }) => word),
      decisions: decided.word,
      searched: state.search !== null,
    });
    const text = h("textarea", { readonly: true, rows: "3", "aria-label": "The command" });
    text.value = command;
    const dialog = this.#dialog("The same with build-dpo", [
      text,
      without.length === 0 ? null : h(
        "p",
        { class: "hint warn" },
        `No flag does what these filters do: ${without.join(", ")}. ` +
          "Exclude what they show (or the rest) by “decide on all shown”, and pass --decisions.",
      ),
    ]);
    text.select();
    try {
      await navigator.clipboard.writeText(command);
      dialog.querySelector("h2")!.append(" (copied)");
    } catch {
      // Without the right to write there, the reader copies it from the field.
    }
  }

  #decideAll(): void {
    const { remaining } = this.#app;
    const comment = h("input", { placeholder: "comment", "aria-label": "Comment" });
    const decide = (action: "exclude" | "flag" | "keep") => {
      const text = comment.value.trim();
      dialog.close();
      void this.#app.decide({
        action,
        rows: this.#app.shownRows(),
        ...(text === "" || action === "keep" ? {} : { comment: text }),
      });
    };
    const dialog = this.#dialog(`Decide on ${count(remaining.prompts)} prompts`, [
      comment,
      h(
        "div",
        { class: "decide" },
        h(
          "button",
          { class: "main", onclick: () => decide("exclude") },
          `exclude ${count(remaining.prompts)}`,
        ),
        h("button", { onclick: () => decide("flag") }, "flag"),
        h("button", { onclick: () => decide("keep") }, "keep"),
      ),
      h("p", { class: "hint" }, "“undo” in the bar takes it back."),
    ]);
  }

  #decisions(): HTMLElement {
    const { decided } = this.#app;
    if (decided.decisions.length === 0) {
      return h(
        "p",
        { class: "hint" },
        decided.word === null
          ? "Start explore with --decisions FILE to decide on prompts."
          : `Nothing is decided yet. Decisions go to ${decided.word} as they are made.`,
      );
    }
    const most = 500;
    return h(
      "section",
      { class: "card", "aria-label": "Decisions" },
      h(
        "header",
        null,
        h("h3", null, `${count(decided.decisions.length)} decisions`),
        h("small", null, decided.word ?? ""),
      ),
      h(
        "ol",
        { class: "extremes" },
        ...decided.decisions.slice(-most).reverse().map(
          ({ id, action, rows, comment, chosen, rejected }) => {
            const what = action === "pair" ? `pair ${chosen} > ${rejected}` : action;
            const said = comment ? h("small", null, comment) : null;
            if (rows[0] === undefined) {
              return h("li", null, `${what}: ${id} (not in these inputs) `, said);
            }
            const line = item(this.#app, this.#previews, rows[0], what);
            if (said) {
              line.append(said);
            }
            return line;
          },
        ),
      ),
      decided.decisions.length > most ? h("p", { class: "hint" }, `the newest ${most}`) : null,
    );
  }

  #help(): void {
    this.#dialog("Keys", [helpDialog(this.#app.data)]);
  }

  #dialog(title: string, body: (Node | null)[]): HTMLDialogElement {
    const dialog = h(
      "dialog",
      { "aria-label": title },
      h(
        "form",
        { method: "dialog" },
        h("button", { class: "quiet close", "aria-label": "Close" }, "×"),
      ),
      h("h2", null, title),
      ...body,
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }

  #pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (/^(input|textarea|select)$/i.test((event.target as Element).tagName)) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    const { app } = { app: this.#app };
    const tab = TABS[Number(event.key) - 1];
    if (app.state.view === "prompt" && this.#prompt.pressed(event)) event.preventDefault();
    else if (tab !== undefined) app.go({ view: tab });
    else if (event.key === "u") void app.undo();
    else if (event.key === "?") this.#help();
    else if (event.key === "/") {
      event.preventDefault();
      app.go({ view: "prompts" });
      document.getElementById("search")?.focus();
    }
  }
}

function chip(text: string, off: () => void): HTMLElement {
  return h(
    "button",
    { class: "chip", onclick: off, "aria-label": `Take off: ${text}` },
    text.length > 60 ? `${text.slice(0, 60)}…` : text,
    " ×",
  );
}

/** Says what went wrong, at the page's foot. */
function complain(message: string): void {
  const note = h("div", { class: "complaint", role: "alert" }, message);
  document.body.append(note);
  setTimeout(() => note.remove(), 8000);
}

try {
  const source = document.documentElement.dataset.source === "files" ? filesSource : serverSource;
  new Page(await App.open(source)).show();
} catch (error) {
  document.getElementById("main")!.replaceChildren(
    h("p", { class: "hint warn" }, (error as Error).message),
  );
}
