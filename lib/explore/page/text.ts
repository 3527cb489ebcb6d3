/// <reference lib="dom" />
/** Texts of prompts and replies, of whatever length. */
import type { ReplyView, ShownText } from "../prompt_view.ts";
import { count, h } from "./dom.ts";

/** Characters that a browser lays out as one. */
const PART = 20_000;

/** A text, and where it was shortened a way to see all of it. */
export function textElement(text: ShownText, whole: (key: string) => void): HTMLElement {
  return h("div", { class: "text", dir: "auto" }, partsOf(text.text), moreOf(text, whole));
}

/** A malformed reply's text with the place marked at which it breaks the rule. */
export function brokenElement(
  { text: shown, place: { from, to } }: NonNullable<ReplyView["malformed"]>,
  whole: (key: string) => void,
): HTMLElement {
  const { text } = shown;
  return h(
    "div",
    { class: "text", dir: "auto" },
    partsOf(text.slice(0, from)),
    h("mark", { title: "here" }, from === to ? "▲" : text.slice(from, to)),
    partsOf(text.slice(to)),
    moreOf(shown, whole),
  );
}

function moreOf(
  { key, text, length }: ShownText,
  whole: (key: string) => void,
): HTMLElement | null {
  if (length <= text.length) return null;
  const more = ` … ${count(length - text.length)} more characters: show all`;
  return h("button", { class: "link", onclick: () => whole(key) }, more);
}

/** A long text in parts, of which a browser lays out those alone that are seen. */
function partsOf(text: string): (HTMLElement | string)[] {
  if (text.length <= PART) return [text];
  const parts: HTMLElement[] = [];
  for (let from = 0; from < text.length;) {
    const to = endOfPart(text, from);
    // The line's end is the part's own.
    parts.push(h("div", { class: "part" }, text.slice(from, to).replace(/\n$/, "")));
    from = to;
  }
  return parts;
}

/** After the last end of a line, else after the last blank, else at no half of a pair. */
function endOfPart(text: string, from: number): number {
  const end = from + PART;
  if (end >= text.length) return text.length;
  const within = (mark: string) => {
    const at = text.lastIndexOf(mark, end - 1);
    return at > from ? at + 1 : -1;
  };
  const isPair = /[\ud800-\udbff]/.test(text[end - 1]!);
  return [within("\n"), within(" ")].find((at) => at > 0) ?? (isPair ? end + 1 : end);
}
