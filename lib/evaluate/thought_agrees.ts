/** Whether a short answer says what its thought came to, read by words or by numbers. */
import type { ScoredReply } from "../core/records.ts";
import { normalized } from "../model/rule/exact.ts";

/**
 * Tells of each reply whether its thought states what its answer states, or undefined where that
 * cannot be read. What an answer states are the words by which the prompt's right and wrong answers
 * differ: of a wrong one the words that no accepted answer has, of a right one the words that all
 * accepted answers have and some wrong one lacks. Prompts where no right reply's thought holds them
 * are not read: there the thoughts don't say the answer.
 */
export function thoughtsAgree(
  replies: readonly ScoredReply[],
  isRight: (reply: ScoredReply) => boolean,
  label: unknown,
): (boolean | undefined)[] {
  const accepted = (Array.isArray(label) ? label : [label]).map((text) => wordsOf(String(text)));
  const known = new Set(accepted.flatMap((words) => [...words]));
  const inAll = [...known].filter((word) => accepted.every((words) => words.has(word)));
  const whole = replies.filter(({ answer, thought }) => answer !== null && thought !== null);
  const wrong = whole.filter((reply) => !isRight(reply)).map(({ answer }) => wordsOf(answer!));
  const right = inAll.filter((word) => wrong.some((words) => !words.has(word)));
  const agrees = (reply: ScoredReply): boolean | undefined => {
    if (reply.answer === null || reply.thought === null) return undefined;
    const stated = isRight(reply)
      ? right
      : [...wordsOf(reply.answer)].filter((word) => !known.has(word));
    if (stated.length === 0) return undefined;
    const thought = wordsOf(reply.thought);
    return stated.every((word) => thought.has(word));
  };
  const isRead = replies.some((reply) => isRight(reply) && agrees(reply) === true);
  return replies.map((reply) => isRead ? agrees(reply) : undefined);
}

function wordsOf(text: string): Set<string> {
  return new Set(normalized(text).match(/[\p{L}\p{N}]+/gu) ?? []);
}
