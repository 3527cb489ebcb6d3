/// <reference lib="dom" />
/** The bar above every view: where one is, what remains, and what can be done with it. */
import type { App } from "./app.ts";
import { openDecideAll, openFlags, openHelp } from "./dialogs.ts";
import { count, h, hint, short } from "./dom.ts";
import type { Filter } from "./filters.ts";
import type { View } from "./state.ts";

/** The views that the bar leads to, in the order of their keys. */
export const TABS: View[] = ["overview", "prompts", "extremes", "compare", "decisions"];

/** The bar's content. */
export function barElements(app: App): HTMLElement[] {
  const { data, remaining, state, decided } = app;
  const active = state.view === "prompt" ? "prompts" : state.view;
  const tabs = TABS.map((view) =>
    h("button", {
      "aria-current": view === active ? "page" : undefined,
      onclick: () => app.go({ view }),
    }, view === "decisions" ? `decisions ${decided.decisions.length || ""}` : view)
  );
  const prompts = count(data.first.length - 1), replies = count(data.first.at(-1)!);
  const filtered = Object.keys(state.filters).length > 0 || state.search !== null;
  return [
    h(
      "div",
      { class: "top" },
      h("h1", { title: data.runs.map(({ path }) => path).join("\n") }, data.title),
      h("nav", { "aria-label": "Views" }, ...tabs),
      h("button", { class: "quiet", "aria-label": "Help", onclick: () => openHelp(app) }, "?"),
    ),
    h(
      "div",
      { class: "status" },
      h(
        "span",
        { class: "counts" },
        `${count(remaining.prompts)} of ${prompts} prompts · ` +
          `${count(remaining.replies)} of ${replies} replies`,
      ),
      ...chips(app),
      filtered && h("button", { class: "quiet", onclick: () => app.clearFilters() }, "clear all"),
      h("span", { class: "spacer" }),
      h("button", { onclick: () => void openFlags(app) }, "copy as flags"),
      decided.word !== null && h("button", {
        onclick: () => openDecideAll(app),
        disabled: remaining.prompts === 0,
      }, "decide on all shown …"),
      decided.canUndo && h("button", { onclick: () => void app.undo(), title: "key u" }, "undo"),
    ),
    ...data.notes.map((note) => hint(note)),
  ];
}

/** The filters as words, each with a way to take it off. */
function chips(app: App): HTMLElement[] {
  const { filters, search } = app.state;
  const found = Object.entries(filters).map(([name, filter]) => {
    const { label } = app.filters.binned.get(name)!.column;
    return chip(inWords(label, filter), () => app.setFilter(name, null));
  });
  if (search !== null) {
    const text = search.regex ? `/${search.pattern}/` : `“${search.pattern}”`;
    const where = search.where === "anywhere" ? "" : ` in the ${search.where}`;
    found.push(chip(text + where, () => void app.setSearch(null)));
  }
  return found;
}

function inWords(label: string, filter: Filter): string {
  if ("values" in filter) return `${label}: ${filter.values.join(", ")}`;
  if (filter.min === null) return `${label} ≤ ${short(filter.max)}`;
  if (filter.max === null) return `${label} ≥ ${short(filter.min)}`;
  return `${label} ${short(filter.min)} to ${short(filter.max)}`;
}

function chip(text: string, off: () => void): HTMLElement {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return h(
    "button",
    { class: "chip", onclick: off, "aria-label": `Take off: ${text}` },
    shown,
    " ×",
  );
}
