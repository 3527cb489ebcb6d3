/// <reference lib="dom" />
/** One reply of a prompt. */
import type { ReplyView, ShownText } from "../prompt_view.ts";
import { count, h, short } from "./dom.ts";

/** What a card can be asked for. */
export interface ReplyActions {
  /** Shows all texts whole. */
  whole: () => void;
  choose?: () => void;
  reject?: () => void;
  compare: () => void;
}

/** A reply: its reward and place in the pair, the thought folded, the answer. */
export function replyCard(
  reply: ReplyView,
  { rank, role, signs, compared, actions }: {
    rank: number;
    /** By hand, or by the builder's rules. */
    role: string | null;
    signs: string | null;
    compared: boolean;
    actions: ReplyActions;
  },
): HTMLElement {
  const { malformed, thought, answer, by } = reply;
  const scores = reply.scores ?? (by === null ? undefined : { reward: reply.score });
  const title = `Reply ${reply.index}`;
  return h(
    "article",
    {
      class: `reply ${role ?? ""}${malformed ? " bad" : ""}`,
      "aria-label": `${title}, rank ${rank}`,
    },
    h(
      "header",
      null,
      h("b", null, `#${rank}`),
      h(
        "span",
        { class: "score", title: by === null ? "reward" : "the score that pairs go by" },
        short(by ?? reply.score),
      ),
      role ? h("span", { class: `badge ${role}` }, role) : null,
      malformed ? h("span", { class: "badge warn", title: reply.why ?? "" }, malformed.rule) : null,
      signs ? h("span", { class: "badge warn" }, signs) : null,
      h(
        "small",
        null,
        `${title} · ${reply.tokens > 0 ? `${count(reply.tokens)} tokens · ` : ""}${
          lengthOf(answer ?? malformed?.text ?? null)
        }`,
      ),
    ),
    scores
      ? h(
        "p",
        { class: "scores" },
        ...Object.entries(scores).map(([name, score]) =>
          h("span", null, `${name} ${short(score)}`)
        ),
      )
      : null,
    thought
      ? h(
        "details",
        null,
        h("summary", null, `thought (${count(thought.length)} characters)`),
        textElement(thought, actions.whole),
      )
      : null,
    malformed
      ? brokenElement(malformed, actions.whole)
      : answer
      ? textElement(answer, actions.whole)
      : null,
    reply.why && !role ? h("p", { class: "why" }, `In no pair: ${reply.why}`) : null,
    h(
      "footer",
      null,
      actions.choose && !malformed
        ? h(
          "button",
          { onclick: actions.choose, "aria-pressed": String(role === "chosen") },
          "choose",
        )
        : null,
      actions.reject && !malformed
        ? h(
          "button",
          { onclick: actions.reject, "aria-pressed": String(role === "rejected") },
          "reject",
        )
        : null,
      h(
        "button",
        { onclick: actions.compare, "aria-pressed": String(compared) },
        compared ? "compared" : "compare",
      ),
    ),
  );
}

/** A text, and where it was shortened a way to see all of it. */
export function textElement({ text, length }: ShownText, whole: () => void): HTMLElement {
  return h(
    "div",
    { class: "text", dir: "auto" },
    text,
    length > text.length
      ? h(
        "button",
        { class: "link", onclick: whole },
        ` … ${count(length - text.length)} more characters: show all`,
      )
      : null,
  );
}

/** A malformed reply's text with the place marked at which it breaks the rule. */
function brokenElement(
  { text: shown, place: { from, to } }: NonNullable<ReplyView["malformed"]>,
  whole: () => void,
): HTMLElement {
  const { text, length } = shown;
  const mark = h("mark", { title: "here" }, from === to ? "▲" : text.slice(from, to));
  const rest = { text: text.slice(to), length: length - to };
  return h(
    "div",
    { class: "text", dir: "auto" },
    text.slice(0, from),
    mark,
    ...textElement(rest, whole).childNodes,
  );
}

function lengthOf(text: ShownText | null): string {
  return text === null ? "" : `${count(text.length)} characters`;
}
