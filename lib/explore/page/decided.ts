/// <reference lib="dom" />
/** The page of all that was decided, the newest first. */
import type { App } from "./app.ts";
import { card, count, h, hint } from "./dom.ts";
import { promptLine } from "./extremes.ts";
import type { Previews } from "./previews.ts";

/** Decisions that are listed at most. */
const MOST = 500;

/** The page's content. */
export function decidedElement(app: App, previews: Previews): HTMLElement {
  const { word, decisions } = app.decided;
  if (decisions.length === 0) {
    return hint(
      word === null
        ? "Start explore with --decisions FILE to decide on prompts."
        : "Nothing is decided yet. Decisions go to the file as they are made.",
    );
  }
  const lines = decisions.slice(-MOST).reverse().map(
    ({ id, action, rows, comment, chosen, rejected }) => {
      const what = action === "pair" ? `pair ${chosen} > ${rejected}` : action;
      const [row] = rows;
      if (row === undefined) return h("li", `${what}: ${id}, which is not in these inputs`);
      return promptLine(app, previews, row, { figure: what, note: comment ?? "" });
    },
  );
  const file = h("small", { title: word }, word?.replace(/.*\//, "") ?? "");
  return card(
    `${count(decisions.length)} decisions`,
    { beside: file, label: "Decisions" },
    h("ol", { class: "extremes" }, ...lines),
    decisions.length > MOST && hint(`the newest ${MOST}`),
  );
}
