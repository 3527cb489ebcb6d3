/** What is suspicious about a simulated thought. Flags drop nothing by themselves. */
import { mentionsTags } from "../reply/simulated.ts";
import { languageOf, otherThanAll } from "./language.ts";

/** The closed list of `thought_flags`. */
export const THOUGHT_FLAGS = [
  /** No thought where there should be one. */
  "empty_thought",
  /** One short line: no plan at all. */
  "one_line_thought",
  /** The thought speaks of being told to plan. */
  "mentions_instruction",
  /** The thought speaks of the tags or the form. */
  "mentions_tags",
  /** Most of the answer stands in the thought already, word for word. */
  "repeats_answer",
  /** Thought and prompt, or thought and answer, are in different languages. */
  "language_changes",
] as const;
/** What is suspicious about a thought, by name. */
export type ThoughtFlag = (typeof THOUGHT_FLAGS)[number];

/** What is looked at. */
export interface ThoughtParts {
  /** What the user wrote. */
  prompt: string;
  /** The part before the answer. */
  thought: string | null;
  /** The part after it. */
  answer: string;
}

const INSTRUCTION = [
  /\b(?:asked|told|instructed|required|supposed|prompted|requested)\s+(?:me\s+)?(?:to\s+(?:first\s+)?(?:write|make|create|give|produce|provide|output|draft)\s+(?:a|the|my)\s+(?:detailed\s+)?(?:plan|thoughts?|reasoning)|for\s+(?:a|the)\s+(?:detailed\s+)?(?:plan|train of thought))/i,
  /\b(?:the|these|my|those)\s+(?:instructions?|directions?)\s+(?:above|below|say|says|ask|asks|tell|tells|require|requires|want|wants|state|states)\b/i,
  /\bwithout\s+(?:mentioning|referring\s+to)\s+(?:the\s+)?(?:plan|instructions?|directions?)\b/i,
  /\b(?:must|should|may)\s+not\s+mention\b[^.]{0,60}\b(?:plan|instructions?|directions?|tags?)\b/i,
  /\bsystem prompt\b/i,
];
const TAGS =
  /\b(?:think|response|thinking|xml|closing|opening)[\s-]+tags?\b|\bfields? ["“](?:plan|reply)["”]/i;

/** Words of a run that counts as repeated, and the share of such runs that is too many. */
const RUN = 6, SHARE = 0.6, FEWEST = 15;

/**
 * The flags of a thought, in the order of `THOUGHT_FLAGS`.
 *
 * @example
 * ```ts
 * import { lintThought } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * const thought = "I was asked to first write a plan.\nSo: greet them.";
 * assert.deepEqual(lintThought({ prompt: "Hi", thought, answer: "Hello!" }), [
 *   "mentions_instruction",
 * ]);
 * ```
 */
export function lintThought({ prompt, thought, answer }: ThoughtParts): ThoughtFlag[] {
  const text = thought?.trim() ?? "";
  if (text === "") return ["empty_thought"];
  const flags: ThoughtFlag[] = [];
  if (!text.includes("\n") && wordsOf(text).length < 12) flags.push("one_line_thought");
  // A prompt may itself be about instructions or tags; then speaking of them proves nothing.
  if (hits(text, prompt, INSTRUCTION)) flags.push("mentions_instruction");
  if ((mentionsTags(text) && !mentionsTags(prompt)) || hits(text, prompt, [TAGS])) {
    flags.push("mentions_tags");
  }
  if (repeats(text, answer)) flags.push("repeats_answer");
  if (changesLanguage(prompt, text, answer)) flags.push("language_changes");
  return flags;
}

function hits(text: string, prompt: string, patterns: readonly RegExp[]): boolean {
  return patterns.some((pattern) => pattern.test(text) && !pattern.test(prompt));
}

function repeats(thought: string, answer: string): boolean {
  const words = wordsOf(answer);
  if (words.length < FEWEST) return false;
  const within = ` ${wordsOf(thought).join(" ")} `;
  let repeated = 0, runs = 0;
  for (let at = 0; at + RUN <= words.length; at++) {
    runs++;
    if (within.includes(` ${words.slice(at, at + RUN).join(" ")} `)) repeated++;
  }
  return repeated / runs >= SHARE;
}

/** Words of scripts that space them; of the others, each character. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}\p{M}']+/gu,
  ) ?? [];
}

/**
 * An answer in another language than the prompt is what a translation is, so only the thought is
 * held against both.
 */
function changesLanguage(prompt: string, thought: string, answer: string): boolean {
  const told = [prompt, answer].map(languageOf).filter((language) => language !== null);
  return otherThanAll(thought, told) !== null;
}
