/** Records and pairs as HTML that is safe whatever models wrote, thoughts folded away. */
import { showHidden } from "../core/hidden_characters.ts";
import type { Message, PolicyRecord, ScoredRecord, ScoredReply } from "../core/records.ts";
import { textOfMessages } from "./messages.ts";

/**
 * Text for HTML's text and quoted attributes. Characters that HTML cannot hold, and those that turn
 * the direction of what follows, are shown by their code points.
 *
 * @example
 * ```ts
 * import { escapeHtml } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * assert.equal(escapeHtml(`<b title="x">`), "&#60;b title=&#34;x&#34;&#62;");
 * ```
 */
export function escapeHtml(text: string): string {
  return showHidden(
    text.toWellFormed().replace(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0)};`),
  );
}

/** A table with a heading row; the first column is text, the others numbers. */
export function tableHtml(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<div class="scroll"><table><thead>${cells("th", head)}</thead><tbody>` +
    `${rows.map((row) => cells("td", row)).join("")}</tbody></table></div>`;
}

/** How one side of a pair, or one reply, is to be shown. */
export interface ShownReply {
  /** `chosen`, `rejected`, `best (reply 3)`, `reply 3`: those that begin so are coloured. */
  label: string;
  /** The part before the answer; null where there is none. */
  thought: string | null;
  /** The answer; for a malformed reply its whole text. */
  answer: string;
  /** Its reward. */
  score?: number | null;
  /** The rule that it breaks. */
  malformed?: string | null;
}

/** Texts longer than this are cut in a page: at most this many characters each. */
const MAX_SHOWN = 4000;

/** A prompt with replies to it side by side, as a card. Its looks are in `VIEW_CSS`. */
export function cardHtml(
  prompt: string | readonly Message[],
  replies: readonly ShownReply[],
): string {
  const sides = replies.map(replyHtml).join("");
  return `<article class="ts-card"><div class="ts-prompt">${
    textHtml(textOfMessages(prompt))
  }</div>` +
    `<div class="ts-sides">${sides}</div></article>`;
}

/** A pair side by side, as a value for `showHtml`. */
export function pairHtml(
  pair: { prompt: string | readonly Message[]; chosen: ShownReply; rejected: ShownReply },
): string {
  return viewHtml(cardHtml(pair.prompt, [pair.chosen, pair.rejected]));
}

/** A record with its replies, best first where they have scores, as a value for `showHtml`. */
export function recordHtml(record: PolicyRecord | ScoredRecord): string {
  return viewHtml(cardHtml(record.prompt, shownReplies(record)));
}

/** A record's replies as they are to be shown, best first where they have scores. */
export function shownReplies(record: PolicyRecord | ScoredRecord): ShownReply[] {
  const replies = [
    ...record.responses,
  ] as (Omit<ScoredReply, "score"> & { score?: number | null })[];
  replies.sort((a, b) => (b.score ?? -Infinity) - (a.score ?? -Infinity) || a.index - b.index);
  return replies.map(({ index, thought, answer, text, malformed, score }) => (
    { label: `reply ${index}`, thought, answer: answer ?? text, malformed, score }
  ));
}

/** A fragment with its style sheet, to stand alone in a notebook's cell. */
export function viewHtml(fragment: string): string {
  return `<style>${VIEW_CSS}</style>${fragment}`;
}

function replyHtml({ label, thought, answer, score, malformed }: ShownReply): string {
  const better = /^(chosen|best)\b/.test(label), worse = /^(rejected|worst)\b/.test(label);
  const known = better ? " ts-better" : worse ? " ts-worse" : "";
  const number = typeof score === "number"
    ? `<span class="ts-score">${score.toFixed(3)}</span>`
    : "";
  const fault = malformed ? `<span class="ts-fault">${escapeHtml(malformed)}</span>` : "";
  const folded = thought === null
    ? ""
    : `<details><summary>thought (${thought.length.toLocaleString("en")} characters)</summary>` +
      `${textHtml(thought)}</details>`;
  return `<section class="ts-reply${known}"><header><b>${escapeHtml(label)}</b>${fault}${number}` +
    `</header>${folded}${textHtml(answer)}</section>`;
}

function textHtml(text: string): string {
  const cut = text.length > MAX_SHOWN;
  const rest = cut
    ? `<i class="ts-cut">… ${(text.length - MAX_SHOWN).toLocaleString("en")} more characters</i>`
    : "";
  return `<div class="ts-text" dir="auto">${escapeHtml(text.slice(0, MAX_SHOWN))}${rest}</div>`;
}

/** The looks of cards, in a notebook and in a report, by day and by night. */
export const VIEW_CSS = `
.ts-card{border:1px solid rgba(128,128,128,.3);border-radius:8px;margin:0 0 14px;overflow:hidden;
font:13px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
.ts-prompt{padding:10px 14px;background:rgba(128,128,128,.1);font-weight:500}
.ts-sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(260px,100%),1fr))}
.ts-reply{padding:10px 14px;border-top:3px solid rgba(128,128,128,.35);min-width:0}
.ts-reply+.ts-reply{border-left:1px solid rgba(128,128,128,.2)}
.ts-better{border-top-color:#2a9d8f}.ts-worse{border-top-color:#e0812b}
.ts-reply header{display:flex;gap:8px;align-items:baseline;margin-bottom:6px}
.ts-score{margin-left:auto;font-variant-numeric:tabular-nums;opacity:.75}
.ts-fault{font-size:11px;padding:0 6px;border-radius:9px;background:rgba(224,129,43,.2)}
.ts-text{white-space:pre-wrap;overflow-wrap:anywhere;max-height:22em;overflow:auto}
.ts-card details{margin:0 0 8px;padding:4px 10px;border-left:2px solid rgba(128,128,128,.4)}
.ts-card summary{cursor:pointer;font-size:12px;opacity:.7}
.ts-card details .ts-text{margin-top:4px;opacity:.85}.ts-cut{opacity:.6}
`.replaceAll("\n", "");
