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
  const tokens = reply.tokens > 0 ? `${count(reply.tokens)} tokens · ` : "";
  const choose = (action: (() => void) | undefined, side: string, name: string) =>
    action && !malformed &&
    h("button", { onclick: action, "aria-pressed": String(role === side) }, name);
  return h(
    "article",
    {
      class: `reply ${role ?? ""}${malformed ? " bad" : ""}`,
      "aria-label": `${title}, rank ${rank}`,
    },
    h(
      "header",
      h("b", `#${rank}`),
      h(
        "span",
        { class: "score", title: by === null ? "reward" : "the score that pairs go by" },
        short(by ?? reply.score),
      ),
      role && h("span", { class: `badge ${role}` }, role),
      malformed && h("span", { class: "badge warn", title: reply.why ?? "" }, malformed.rule),
      signs && h("span", { class: "badge warn" }, signs),
      h("small", `${title} · ${tokens}${lengthOf(answer ?? malformed?.text ?? null)}`),
    ),
    scores && h(
      "p",
      { class: "scores" },
      Object.entries(scores).map(([name, score]) => h("span", `${name} ${short(score)}`)),
    ),
    thought && h(
      "details",
      { "data-key": thought.key },
      h("summary", `thought (${count(thought.length)} characters)`),
      textElement(thought, actions.whole),
    ),
    malformed
      ? brokenElement(malformed, actions.whole)
      : answer && textElement(answer, actions.whole),
    reply.why && !role && h("p", { class: "why" }, `In no pair: ${reply.why}`),
    h(
      "footer",
      choose(actions.choose, "chosen", "choose"),
      choose(actions.reject, "rejected", "reject"),
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
