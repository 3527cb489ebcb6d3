/// <reference lib="dom" />
/** The field for a text, or an expression, that is looked for in prompts and replies. */
import { SEARCHED, type Searched } from "../stored_rows.ts";
import type { App } from "./app.ts";
import { choice, debounced, h } from "./dom.ts";

/** The bar; what is typed is looked for a moment after. */
export function searchBar(app: App): HTMLElement {
  const { search } = app.state;
  const text = h("input", {
    type: "search",
    id: "search",
    placeholder: "Search prompts and replies  (/)",
    "aria-label": "Search for a text",
    value: search?.pattern ?? "",
  });
  const regex = h("input", { type: "checkbox" });
  regex.checked = search?.regex ?? false;
  const look = () =>
    app.setSearch(
      text.value === ""
        ? null
        : { pattern: text.value, regex: regex.checked, where: where.value as Searched },
    );
  const places = Object.keys(SEARCHED);
  const where = choice("Search in", places, search?.where ?? "anywhere", () => void look());
  text.addEventListener("input", debounced(250, look));
  regex.addEventListener("change", look);
  return h(
    "div",
    { class: "searchbar", role: "search" },
    text,
    h("label", { class: "check" }, regex, "regular expression"),
    where,
  );
}
