/// <reference lib="dom" />
/** Lists of the prompts at the ends of each scale. */
import type { App } from "./app.ts";
import { showHidden } from "../../core/hidden_characters.ts";
import { card, h, hint, short } from "./dom.ts";
import { extremesOf } from "./extreme_lists.ts";
import type { Previews } from "./previews.ts";

/** The page of extremes. */
export function extremesElement(app: App, previews: Previews): HTMLElement {
  const cards = extremesOf(app.looked()).map(({ title, says, unit, found }) =>
    card(
      title,
      { beside: h("small", unit) },
      hint(says),
      h(
        "ol",
        { class: "extremes" },
        ...found.map(({ row, value }) => promptLine(app, previews, row, { figure: short(value) })),
      ),
    )
  );
  if (cards.length === 0) return hint("Nothing remains, or there are no rewards.");
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
    if (preview) text.textContent = showHidden(preview.text);
  };
  fill();
  return h(
    "li",
    h(
      "button",
      { onclick: () => app.go({ view: "prompt", prompt: row }) },
      h("span", { class: "count" }, figure),
      text,
      note !== "" && h("small", note),
    ),
  );
}
