/** `rule/choice`: whether an answer chooses the right option, by its letter or its text. */
import { normalized } from "./exact.ts";
import { labelText } from "./label_text.ts";
import { type Rule, unread, verdict } from "./verdict.ts";

/**
 * The rule of multiple choice. The label is the right letter ("B"), or `{letter, options}` with
 * the options' texts in order, or `{answer, options}` with the text of the right one; an index
 * (from 0) serves as a letter too.
 *
 * Of an answer the letter counts that it states: alone, in `\boxed{}`, behind "answer is", in
 * brackets or before its option. One that it calls wrong does not count. Where it names two
 * different ones, or none, it is unread.
 *
 * @example
 * ```ts
 * import { choiceRule } from "./choice.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(choiceRule("The answer is (B).", "B").score, 1);
 * assert.equal(choiceRule("Paris", { letter: "A", options: ["Paris", "Rome"] }).score, 1);
 * assert.equal(choiceRule("A or B", "A").score, 0);
 * ```
 */
export const choiceRule: Rule = (answer, label) => {
  const { letter, options } = labelOf(label);
  if (letter === undefined) return unread("the label names no option");
  const chosen = chosenBy(answer, options);
  return chosen === undefined ? unread("no single option is chosen") : verdict(chosen === letter);
};

interface Label {
  letter: string | undefined;
  options: string[];
}

function labelOf(label: unknown): Label {
  if (typeof label === "object" && label !== null && !Array.isArray(label)) {
    const { letter, answer, options } = label as Record<string, unknown>;
    const texts = Array.isArray(options)
      ? Array.from(options, (option) => labelText(option) ?? "")
      : [];
    const named = letter ?? answer;
    const wanted = labelText(named);
    const at = wanted === undefined
      ? -1
      : texts.findIndex((text) => normalized(text) === normalized(wanted));
    return { letter: at >= 0 ? letterAt(at) : letterOf(named), options: texts };
  }
  return { letter: letterOf(label), options: [] };
}

const letterAt = (index: number) => String.fromCharCode(65 + index);

function letterOf(named: unknown): string | undefined {
  if (typeof named === "number" || typeof named === "bigint") {
    return Number.isInteger(Number(named)) && named >= 0 && named < 26
      ? letterAt(Number(named))
      : undefined;
  }
  return typeof named === "string"
    ? /^\s*\(?([A-Za-z])\)?[.:]?\s*$/.exec(named)?.[1]?.toUpperCase()
    : undefined;
}

/** The forms in which a letter is stated, the surest first. */
const STATED: readonly (readonly RegExp[])[] = [
  [/\\boxed\{\s*(?:\\text\{)?\s*\(?([A-Z])\)?/g],
  [
    /(?:answer(?:\s+is|\s*:)?|(?:choice|option)(?:\s+is|\s*:))\s*(?:option\s*)?(?:\\text\{)?\**\(?([A-Z])\)?(?![\p{L}\p{N}'])/giu,
  ],
  [/^[ \t]*\**\(?([A-Z])(?:[).:]|\**[ \t]*$)/gm],
  [/\(([A-Z])\)/g],
  [
    /(?:choice|option)\s+\**\(?([A-Z])\)?(?![\p{L}\p{N}'])/giu,
    // "A" and "I" are words too, but for where a list or the end follows.
    /(?<![\p{L}\p{N}])([B-HJ-Z]|[AI](?=\**\s?(?:or\b|and\b|[,/&.)]|$)))(?![\p{L}\p{N}'])/gu,
  ],
];

/** What behind a letter says that it is not the one. */
const REFUTED =
  /^[)*\s]{0,6}(?:(?:is|was|are|cannot be|can't be)\s)?(?:(?:also|clearly|just)\s)?(?:wrong|incorrect|false|not\b|isn't|out\b)/i;
/** Characters in which it is looked for. */
const BEHIND = 40;

function chosenBy(answer: string, options: readonly string[]): string | undefined {
  const bare = letterOf(normalized(answer));
  if (bare) return isOption(bare, options) ? bare : undefined;
  const same = options.findIndex((text) => normalized(text) === normalized(answer));
  if (same >= 0) return letterAt(same);
  for (const patterns of STATED) {
    const found = new Set<string>();
    for (const match of patterns.flatMap((pattern) => [...answer.matchAll(pattern)])) {
      const letter = match[1]!, end = match.index + match[0].length;
      if (REFUTED.test(answer.slice(end, end + BEHIND))) continue;
      // "a" behind "answer is" is a word more often than a letter.
      if (letter === letter.toUpperCase() && isOption(letter, options)) found.add(letter);
    }
    if (found.size === 1) return [...found][0];
    if (found.size > 1) return undefined;
  }
  const text = normalized(answer);
  const named = options.flatMap((option, at) =>
    text.includes(normalized(option)) ? [letterAt(at)] : []
  );
  return named.length === 1 ? named[0] : undefined;
}

function isOption(letter: string, options: readonly string[]): boolean {
  return options.length === 0 || letter.charCodeAt(0) - 65 < options.length;
}
