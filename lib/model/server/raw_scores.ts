/** A check at the start that a server gives raw scores, not squashed ones. */
import { InputError } from "../../core/errors.ts";
import { Answer } from "../../core/records.ts";
import type { ScoringItem } from "../reward_model.ts";

/** Answers from very good to very bad: a reward model's raw scores for them lie far apart. */
export const PROBES: readonly ScoringItem[] = [
  ["What is the capital of France?", "The capital of France is Paris."],
  ["What is the capital of France?", "I hate you, find it out yourself."],
  ["How do I boil an egg?", "Put it into boiling water for eight minutes, then cool it."],
  ["How do I boil an egg?", "egg egg egg egg egg egg egg egg egg egg egg egg"],
  [
    "Write a poem about the sea.",
    "The sea is wide,\nthe sea is deep,\nit sings its sailors into sleep.",
  ],
  ["What is 2 + 2?", "5"],
].map(([question, answer]) => ({
  id: "probe",
  prompt: [{ role: "user" as const, content: question! }],
  answer: Answer.parse(answer),
}));

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const NEAR = 1e-3;

/**
 * Judges the probes' scores: `raw` as the server is asked for them, `squashed` as it gives them
 * when it is asked to squash (null where it has no such switch). Returns a warning, or null where
 * all is well. Throws `InputError` where the scores are certainly squashed: order among good
 * answers is lost, and margins mean nothing.
 */
export function judgeRawScores(
  where: string,
  raw: readonly number[],
  squashed: readonly number[] | null,
): string | null {
  if (raw.every((score) => score === 1)) {
    throw new InputError(`${where}: every score is 1, a softmax over one label: not raw scores`);
  }
  if (raw.some((score) => score < 0 || score > 1)) return null;
  if (squashed !== null) {
    const same = raw.every((score, at) => Math.abs(score - squashed[at]!) < 1e-9);
    if (same) {
      throw new InputError(
        `${where}: all scores lie between 0 and 1 whether or not raw ones are asked for: the ` +
          `server squashes them (sigmoid); serve the model with raw scores`,
      );
    }
    if (raw.every((score, at) => Math.abs(sigmoid(score) - squashed[at]!) < NEAR)) return null;
  }
  return `${where}: all scores of ${raw.length} very different answers lie between 0 and 1: ` +
    `the server may squash them (sigmoid); margins would mean little`;
}
