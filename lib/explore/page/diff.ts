/// <reference lib="dom" />
/** Two texts, word by word: what only one of them has is marked. */
import { diffWordsWithSpace } from "diff";
import { h, visible } from "./dom.ts";

/** Longer searches for the least difference than this are given up, in milliseconds. */
const PATIENCE = 1500;

/** Both texts side by side with their own words marked. */
export function diffElement(a: string, b: string, names: readonly [string, string]): HTMLElement {
  const parts = diffWordsWithSpace(a, b, { timeout: PATIENCE });
  if (parts === undefined) {
    return h("p", { class: "hint" }, "These two are too long and too different to be compared.");
  }
  const side = (own: "removed" | "added", tag: "del" | "ins", name: string) => {
    const texts = parts.filter((part) => part[own] || !(part.added || part.removed))
      .map((part) => part[own] ? h(tag, null, visible(part.value)) : visible(part.value));
    return h("div", null, h("h4", null, name), h("div", { class: "text", dir: "auto" }, ...texts));
  };
  const same = parts.every(({ added, removed }) => !added && !removed);
  const space = !same &&
    parts.every(({ added, removed, value }) => !(added || removed) || value.trim() === "");
  return h(
    "div",
    null,
    same ? h("p", { class: "hint" }, "The same text.") : null,
    space ? h("p", { class: "hint warn" }, "They differ in white space alone.") : null,
    h("div", { class: "diff" }, side("removed", "del", names[0]), side("added", "ins", names[1])),
  );
}
