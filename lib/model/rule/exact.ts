/** `rule/exact`: whether an answer is one of the accepted texts. */
import { labelText } from "./label_text.ts";
import { type Rule, unread, verdict } from "./verdict.ts";

/**
 * The rule of equal texts. The label is a text, a number, true or false, or a list of them, of
 * which any is right. Both sides are compared without what does not change the meaning: Unicode
 * form (NFKC), case, white space, quotes and emphasis around the whole, one full stop at its end.
 *
 * @example
 * ```ts
 * import { exactRule } from "./exact.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(exactRule(" **Warsaw** ", ["warsaw", "Warszawa"]).score, 1);
 * assert.equal(exactRule("Warsaw, I think", "Warsaw").score, 0);
 * ```
 */
export const exactRule: Rule = (answer, label) => {
  const accepted = (Array.isArray(label) ? label : [label]).map(textOf);
  const known = accepted.filter((text) => text !== undefined && text !== "");
  if (known.length === 0) return unread("the label holds no text");
  const given = normalized(answer);
  return given === "" ? unread("the answer is empty") : verdict(known.includes(given));
};

function textOf(label: unknown): string | undefined {
  const text = labelText(label);
  return text === undefined ? undefined : normalized(text);
}

/** A text without what does not change its meaning. */
export function normalized(text: string): string {
  let inner = text.normalize("NFKC").toLowerCase().replace(/[\s\u200b\ufeff]+/gu, " ").trim();
  for (let before = ""; before !== inner;) {
    before = inner;
    for (const [open, close] of AROUND) {
      const whole = inner.length > open!.length + close!.length;
      if (whole && inner.startsWith(open!) && inner.endsWith(close!)) {
        inner = inner.slice(open!.length, -close!.length).trim();
      }
    }
    if (inner.length > 1 && inner.endsWith(".") && !inner.endsWith("..")) {
      inner = inner.slice(0, -1).trim();
    }
  }
  return inner;
}

/** What may stand around a whole answer: emphasis and quotes. */
const AROUND = [
  "** **",
  "__ __",
  "* *",
  "_ _",
  "` `",
  '" "',
  "' '",
  "\u201c \u201d",
  "\u2018 \u2019",
  "\u00ab \u00bb",
]
  .map((pair) => pair.split(" "));
