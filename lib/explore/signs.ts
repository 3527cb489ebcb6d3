/** What the texts of a prompt's replies show of themselves: faults that a reward may not see. */
import type { Message } from "../core/records.ts";
import { holdsReasoningTag } from "../reply/reasoning_tag.ts";

/** The signs, and what each says. */
export const SIGNS = {
  thought_in_answer: "thought in the answer",
  repeats_question: "repeats the question",
  same_but_for_space: "equal to another but for white space",
  same_as_another: "equal to another",
} as const;
export type Sign = keyof typeof SIGNS;

/** Shorter texts say nothing: an answer may well repeat a word, or a question of three. */
const LEAST_QUESTION = 24, LEAST_THOUGHT = 40;

/** What a reply is judged by. */
export interface ReplyTexts {
  thought: string | null;
  answer: string | null;
}

/**
 * The signs of each reply of a prompt. An answer repeats the question where the last user turn
 * stands in it whole, and has a thought in it where a tag of reasoning does, or the first forty
 * characters of the reply's own thought; white space and case count for nothing in both. Malformed
 * replies have no sign: their rule is named already.
 */
export function signsOf(prompt: readonly Message[], replies: readonly ReplyTexts[]): Sign[][] {
  const question = folded(prompt.findLast(({ role }) => role === "user")?.content ?? "");
  const exact = new Map<string, number>(), loose = new Map<string, number>();
  const texts = replies.map(({ thought, answer }) => {
    if (answer === null) return null;
    const whole = `${thought ?? ""}\0${answer}`;
    const bare = `${spaced(thought ?? "")}\0${spaced(answer)}`;
    exact.set(whole, (exact.get(whole) ?? 0) + 1);
    loose.set(bare, (loose.get(bare) ?? 0) + 1);
    return { whole, bare };
  });
  return replies.map(({ thought, answer }, index) => {
    const text = texts[index];
    if (answer === null || !text) return [];
    const found: Sign[] = [];
    const plain = folded(answer);
    if (holdsReasoningTag(answer) || leaks(thought, plain)) found.push("thought_in_answer");
    if (question.length >= LEAST_QUESTION && plain.includes(question)) {
      found.push("repeats_question");
    }
    if (exact.get(text.whole)! > 1) found.push("same_as_another");
    else if (loose.get(text.bare)! > 1) found.push("same_but_for_space");
    return found;
  });
}

function leaks(thought: string | null, answer: string): boolean {
  const beginning = folded(thought ?? "").slice(0, LEAST_THOUGHT);
  return beginning.length === LEAST_THOUGHT && answer.includes(beginning);
}

/** White space as one blank; a single blank is one already, which most are. */
function spaced(text: string): string {
  return text.replace(/[^\S ]\s*| \s+/g, " ").trim();
}

function folded(text: string): string {
  return spaced(text).toLowerCase();
}
