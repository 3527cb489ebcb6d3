/** Sentences and words as NLTK cuts English text, near enough to count them. */
import { SPACE } from "../../../reply/python_strip.ts";

/** Abbreviations after which a full stop ends no sentence, as Punkt's English model holds them. */
const ABBREVIATIONS = new Set(
  ("mr mrs ms dr st sr jr prof rev hon sen rep gov gen col maj capt lt sgt messrs inc corp co ltd " +
    "bros vs etc u.s u.k u.n e.g i.e a.m p.m ph.d m.d b.a m.a d.c n.y l.a jan feb aug sept sep " +
    "oct nov dec mon tue wed thu fri sat sun ave blvd rd no vol fig al dept est min max approx")
    .split(" "),
);

/** Abbreviations that may end a sentence too: what follows tells. */
const MAY_END = new Set(
  "etc inc corp co ltd bros jr sr u.s u.k u.n a.m p.m ph.d m.d d.c n.y".split(" "),
);

/** A stop may end a sentence before white space and before what Punkt knows as no part of a word. */
const CANDIDATE = new RegExp(`[.?!](?=[?!)";}\\]*:@'({[${SPACE}]|$)`, "g");

/** How many sentences a text has (Kiss and Strunk, 2006; the English model's main rules). */
export function countSentences(text: string): number {
  const rest = text.trim();
  if (rest === "") return 0;
  let count = 0, from = 0;
  for (const { index } of rest.matchAll(CANDIDATE)) {
    let end = index + 1;
    // Closing quotes and brackets, and further stops, belong to the sentence.
    while (end < rest.length && /[.?!"')\]}\u201d\u2019*]/.test(rest[end]!)) end++;
    if (end <= from || !endsSentence(rest, from, index, end)) continue;
    count++;
    from = end;
  }
  return count + (rest.slice(from).trim() === "" ? 0 : 1);
}

function endsSentence(text: string, from: number, stop: number, end: number): boolean {
  if (text[stop] !== ".") return true;
  const next = text.slice(end, end + 60).trimStart();
  if (next === "") return true;
  const begun = /^["'(\[\u201c\u2018*]*(\S)/.exec(next)?.[1] ?? "";
  const startsLow = /\p{Ll}/u.test(begun), startsHigh = /\p{Lu}/u.test(begun);
  const before = text.slice(Math.max(from, stop - 40), stop);
  const word = /\S*$/.exec(before)![0].replace(/^["'(\[\u201c\u2018*]+/, "").toLowerCase();
  if (text[stop - 1] === ".") return startsHigh;
  // An initial: "J. Smith".
  if (/^\p{L}$/u.test(word) && word !== "i") return !startsHigh && !startsLow;
  if (ABBREVIATIONS.has(word)) return MAY_END.has(word) && startsHigh;
  return !/^\d+$/.test(word) || !startsLow;
}

/** The tokens of NLTK's `word_tokenize` that matter when capital words are counted. */
export function treebankWords(text: string): string[] {
  return text
    .replace(/([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T)(?=\s|$)/g, "$1 $2 ")
    .replace(/([^' ])('[sSmMdD]|')(?=\s|$)/g, "$1 $2 ")
    .replace(
      /--|\.{2,}|[;@#$%&?!()[\]{}<>"\u00ab\u00bb\u201c\u201d\u2018\u2019,:]/g,
      (mark, at: number) =>
        // A comma or colon within a number stays.
        (mark === "," || mark === ":") && /\d/.test(text[at + 1] ?? "") ? mark : ` ${mark} `,
    )
    .split(new RegExp(`[${SPACE}]+`))
    .filter((token) => token !== "");
}
