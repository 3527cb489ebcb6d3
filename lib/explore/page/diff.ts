/// <reference lib="dom" />
/** Two texts, word by word: what only one of them has is marked. */
import { diffWordsWithSpace } from "diff";
import type { ReplyView, RunView } from "../prompt_view.ts";
import { card, count, h, hint, warning } from "./dom.ts";

/** Longer searches for the least difference than this are given up, in milliseconds. */
const PATIENCE = 1500;
/** Characters of each that are compared at most. */
const MOST = 20_000;

/** Both texts side by side with their own words marked. */
function diffElement(a: string, b: string, names: readonly [string, string]): HTMLElement {
  const parts = diffWordsWithSpace(a.slice(0, MOST), b.slice(0, MOST), { timeout: PATIENCE });
  if (parts === undefined) {
    return hint("These two are too long and too different to be compared.");
  }
  const side = (own: "removed" | "added", tag: "del" | "ins", name: string) => {
    const texts = parts.filter((part) => part[own] || !(part.added || part.removed))
      .map((part) => part[own] ? h(tag, part.value) : part.value);
    return h("div", h("h4", name), h("div", { class: "text", dir: "auto" }, texts));
  };
  const cut = Math.max(a.length, b.length) > MOST;
  const same = parts.every(({ added, removed }) => !added && !removed);
  const space = !same &&
    parts.every(({ added, removed, value }) => !(added || removed) || value.trim() === "");
  return h(
    "div",
    cut && hint(`Of their first ${count(MOST)} characters.`),
    same && hint("The same text."),
    space && warning("They differ in white space alone."),
    h("div", { class: "diff" }, side("removed", "del", names[0]), side("added", "ins", names[1])),
  );
}

/** Two replies of a prompt's page beside each other, by their rows. */
export function differencesElement(
  runs: readonly RunView[],
  compared: readonly number[],
): HTMLElement {
  const all = runs.flatMap(({ run, replies }) => replies.map((reply) => ({ run, reply })));
  const [a, b] = compared.map((row) => all.find(({ reply }) => reply.row === row));
  if (!a || !b) {
    return hint("Press “compare” on two replies to see where they differ.");
  }
  const name = ({ run, reply }: { run: string; reply: ReplyView }) =>
    `reply ${reply.index}${runs.length > 1 ? ` of ${run}` : ""}`;
  const text = ({ reply }: { reply: ReplyView }) =>
    (reply.answer ?? reply.malformed?.text)?.text ?? "";
  return card(
    "Differences, word by word",
    { beside: h("small", `${name(a)} and ${name(b)}`), label: "Differences" },
    diffElement(text(a), text(b), [name(a), name(b)]),
  );
}
