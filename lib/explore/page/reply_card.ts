/// <reference lib="dom" />
/** One reply of a prompt. */
import type { ReplyView, ShownText } from "../prompt_view.ts";
import { count, h, short } from "./dom.ts";
import { brokenElement, textElement } from "./text.ts";

/** What a card can be asked for. */
export interface ReplyActions {
  /** Shows a text whole. */
  whole: (key: string) => void;
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
        { "data-key": thought.key },
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

function lengthOf(text: ShownText | null): string {
  return text === null ? "" : `${count(text.length)} characters`;
}
