/// <reference lib="dom" />
/** The page: its views and its keys. */
import { App } from "./app.ts";
import { barElements, TABS } from "./bar.ts";
import { compareElement } from "./compare.ts";
import { decidedElement } from "./decided.ts";
import { openHelp } from "./dialogs.ts";
import { h, warning } from "./dom.ts";
import { extremesElement } from "./extremes.ts";
import { Overview } from "./overview.ts";
import { Previews } from "./previews.ts";
import { PromptPage } from "./prompt_page.ts";
import { Prompts } from "./prompts.ts";
import { serverSource } from "./source.ts";
import type { View } from "./state.ts";

/** Shows the app's state. */
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
    app.onError = complain;
    addEventListener("keydown", (event) => this.#pressed(event));
    addEventListener("resize", () => this.#redraw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  show(): void {
    const { view } = this.#app.state;
    const changed = this.#view !== view;
    this.#view = view;
    this.#bar.replaceChildren(...barElements(this.#app));
    if (changed) {
      this.#detach();
      this.#detach = () => {};
    }
    this.#showView(view, changed);
    if (changed) scrollTo(0, 0);
  }

  #showView(view: View, changed: boolean): void {
    switch (view) {
      case "overview":
        if (changed) this.#main.replaceChildren(this.#overview.element);
        return this.#overview.show();
      case "prompts":
        if (changed) {
          this.#main.replaceChildren(this.#prompts.element);
          this.#detach = this.#prompts.attach();
        }
        this.#prompts.show();
        if (changed) this.#prompts.focus();
        return;
      case "prompt":
        // Its place among the others is that in the table.
        this.#prompts.sort();
        if (changed) this.#main.replaceChildren(this.#prompt.element);
        return void this.#prompt.show();
      case "extremes":
        return this.#main.replaceChildren(extremesElement(this.#app, this.#previews));
      case "compare": {
        const { element, draw } = compareElement(this.#app, this.#previews);
        this.#main.replaceChildren(element);
        return draw();
      }
      case "decisions":
        return this.#main.replaceChildren(decidedElement(this.#app, this.#previews));
    }
  }

  #redraw(): void {
    if (this.#view === "overview") this.#overview.draw();
    else if (this.#view === "compare") this.show();
  }

  #pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    if (/^(input|textarea|select)$/i.test((event.target as Element).tagName)) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    const app = this.#app;
    const tab = TABS[Number(event.key) - 1];
    if (app.state.view === "prompt" && this.#prompt.pressed(event)) event.preventDefault();
    else if (tab !== undefined) app.go({ view: tab });
    else if (event.key === "u") void app.undo();
    else if (event.key === "?") openHelp(app);
    else if (event.key === "/") {
      event.preventDefault();
      app.go({ view: "prompts" });
      document.getElementById("search")?.focus();
    }
  }
}

/** Says what went wrong, at the page's foot, for a while. */
function complain(message: string): void {
  const note = h("div", { class: "complaint", role: "alert" }, message);
  document.body.append(note);
  setTimeout(() => note.remove(), 8000);
}

try {
  const files = document.documentElement.dataset.source === "files";
  const source = files ? (await import("./files_source.ts")).filesSource : serverSource;
  new Page(await App.open(source)).show();
} catch (error) {
  document.getElementById("main")!.replaceChildren(warning((error as Error).message));
}
