/// <reference lib="dom" />
/** Lists of the prompts at the ends of each scale. */
import type { App } from "./app.ts";
import { h, short, visible } from "./dom.ts";
import { extremesOf } from "./extreme_lists.ts";
import type { Previews } from "./previews.ts";

/** The page of extremes. */
export function extremesElement(app: App, previews: Previews): HTMLElement {
  const { data, filters, remaining: { shown } } = app;
  const lists = extremesOf(data, shown, (prompt, reply) => filters.remains(prompt, reply));
  const cards = lists.map(({ title, says, unit, found }) =>
    h(
      "section",
      { class: "card", "aria-label": title },
      h("header", null, h("h3", null, title), h("small", null, unit)),
      h("p", { class: "hint" }, says),
      h(
        "ol",
        { class: "extremes" },
        ...found.map(({ row, value }) => promptLine(app, previews, row, { figure: short(value) })),
      ),
    )
  );
  if (cards.length === 0) {
    return h("p", { class: "hint" }, "Nothing remains, or there are no rewards.");
  }
  return h("div", { class: "charts wide" }, ...cards);
}

/** A prompt as a line that opens its page. */
export function promptLine(
  app: App,
  previews: Previews,
  row: number,
  { figure, note = app.decisions.get(row)?.action ?? "" }: { figure: string; note?: string },
): HTMLElement {
  const text = h("span", { class: "name" }, "…");
  const fill = () => {
    const preview = previews.get(row, fill);
    if (preview) text.textContent = visible(preview.text);
  };
  fill();
  return h(
    "li",
    null,
    h(
      "button",
      { onclick: () => app.go({ view: "prompt", prompt: row }) },
      h("span", { class: "count" }, figure),
      text,
      note === "" ? null : h("small", null, note),
    ),
  );
}
