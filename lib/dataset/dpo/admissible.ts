/** Which replies may stand against the chosen one. */
import type { Candidate, ChosenPairs, NoPair, PairRules } from "./pair_rules.ts";

/** Scores of half precision differ by so much from batch to batch. */
const NOISE = 0.05;

/**
 * Whether a score says that a reply is worse. Of two answers that were both cut, what tells them
 * apart may lie in what was not read: a difference within the noise of a batch is a tie then.
 */
export function isWorse(reply: Candidate, chosen: Candidate): boolean {
  const least = reply.truncated && chosen.truncated ? NOISE : 0;
  return chosen.score - reply.score > least;
}

/** The first of the replies that may stand against the chosen one, in the order given. */
export function one(
  chosen: Candidate,
  order: readonly Candidate[],
  rules: PairRules,
): ChosenPairs {
  const left = admissible(chosen, order, rules);
  if (!Array.isArray(left)) return { pairs: [], reason: left };
  const rejected = rules.lengthMatched ? nearestInLength(chosen, left) : left[0]!;
  return { pairs: [{ chosen, rejected }], reason: null };
}

/** The replies that may stand against the chosen one, or the rule that left none. */
export function admissible(
  chosen: Candidate,
  replies: readonly Candidate[],
  rules: PairRules,
): Candidate[] | NoPair {
  const tests: [NoPair, (reply: Candidate) => boolean][] = [
    ["tie", (reply) => isWorse(reply, chosen)],
    ["same_text", (reply) => reply.turn !== chosen.turn],
    ["margin_too_small", (reply) => chosen.score - reply.score >= (rules.minMargin ?? 0)],
  ];
  const { maxLengthRatio } = rules;
  if (maxLengthRatio !== undefined) {
    tests.push(["length_ratio", (reply) => lengthRatio(chosen, reply) <= maxLengthRatio]);
  }
  let left = [...replies];
  for (const [reason, test] of tests) {
    left = left.filter(test);
    if (left.length === 0) return reason;
  }
  return left;
}

function nearestInLength(chosen: Candidate, replies: readonly Candidate[]): Candidate {
  const distance = (reply: Candidate) => Math.abs(reply.turn.length - chosen.turn.length);
  return replies.reduce((near, reply) => (distance(reply) < distance(near) ? reply : near));
}

function lengthRatio(a: Candidate, b: Candidate): number {
  const [short, long] = [a.turn.length, b.turn.length].sort((x, y) => x - y) as [number, number];
  return long / Math.max(1, short);
}
