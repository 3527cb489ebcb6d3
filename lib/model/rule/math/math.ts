/** `rule/math`: whether an answer's result is the label's mathematics. */
import { labelText } from "../label_text.ts";
import { type Rule, unread, verdict } from "../verdict.ts";
import { isEqual } from "./equal.ts";
import { resultSpans, type Span } from "./spans.ts";
import { boxedContents } from "./tidy.ts";
import { type Value, valueOf } from "./value.ts";

/** Longer answers are read from their end alone: that is where results stand. */
const LONGEST = 20_000;

/**
 * The rule of mathematical equality. The label is LaTeX or plain text, with or without delimiters;
 * of a list any may be meant. Verdicts are those of Hugging Face's Math-Verify 0.9.
 */
export const mathRule: Rule = (answer, label) => {
  const wanted = (Array.isArray(label) ? label : [label]).map((each) =>
    labelOf(labelText(each) ?? "")
  );
  const given = resultOf(answer.slice(-LONGEST));
  if (given === undefined) return unread("no result that can be read");
  return verdict(wanted.some((each) => isSame(each, given)));
};

interface Result {
  text: string;
  value: Value | undefined;
}

function isSame(wanted: Result, given: Result): boolean {
  if (wanted.value && given.value && isEqual(wanted.value, given.value)) return true;
  return wanted.text !== "" && wanted.text === given.text;
}

function labelOf(label: string): Result {
  const text = label.trim();
  const found = /[$\\]/.test(text) && /\$|\\\(|\\\[|\\boxed/.test(text)
    ? resultOf(text)
    : undefined;
  return found ?? { text: text.replace(/\s+/g, ""), value: valueOf(text) };
}

/** What an answer states as its result: the first span, by rank, that can be read. */
function resultOf(answer: string): Result | undefined {
  let first: string | undefined;
  for (const spans of resultSpans(answer)) {
    for (const span of spans) {
      const text = contentOf(span);
      first ??= text.replace(/\s+/g, "");
      const value = valueOf(text, span.percent);
      if (value) return { text: text.replace(/\s+/g, ""), value };
    }
  }
  return first === undefined ? undefined : { text: first, value: undefined };
}

function contentOf({ text, kind }: Span): string {
  if (kind === "latex") {
    const boxed = boxedContents(text, "all");
    return boxed.length > 0 ? boxed.join(",") : text;
  }
  if (/^-?\d+,\d+$/.test(text) && !/,\d{3}$/.test(text)) return text.replace(",", ".");
  return text.replace(/(?<=\d)[ ,](?=\d{3}(?!\d))/g, "");
}
