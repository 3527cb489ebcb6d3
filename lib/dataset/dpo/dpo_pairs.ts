/** Which of a prompt's scored replies are paired: pure, and never a tie nor equal texts. */
import { randomFor } from "../../core/random.ts";

/** The ways to choose pairs. */
export const STRATEGIES = [
  /** The best against the worst. */
  "best-worst",
  /** The best against one drawn from all that are worse. */
  "best-random",
  /** The best against one drawn from the lowest quarter. */
  "best-lowest-quartile",
  /** The k best against the k worst, the i-th with the i-th: several pairs a prompt. */
  "top-k-pairs",
  /** The best at or above a score against the worst below it. */
  "threshold",
  /** A control: two replies drawn from all, whatever their scores, of prompts that best-worst pairs. */
  "random",
  /** A control: best against worst, with the sides changed. */
  "flipped",
] as const;
/** One of the ways. */
export type Strategy = (typeof STRATEGIES)[number];
/** Strategies whose pairs are no preferences: what a training run is compared with. */
export const CONTROLS: readonly Strategy[] = ["random", "flipped"];

/** Whose replies may stand in one pair, where a prompt has replies of several models. */
export const PAIR_MODELS = ["any", "same", "different"] as const;

/** A reply that may be paired. */
export interface Candidate {
  /** Its place among the prompt's replies. */
  index: number;
  /** Of a malformed reply, which may only be rejected, less than any other. */
  score: number;
  /** The model that wrote it. */
  model?: string;
  /** The whole assistant turn as it is to be learnt. */
  turn: string;
  /** The reward model read only the beginning of the answer. */
  truncated?: boolean;
}

/** A chosen reply and a rejected one. */
export interface Pair {
  /** The reply to be preferred. */
  chosen: Candidate;
  /** The other one. */
  rejected: Candidate;
}

/** How pairs are chosen. */
export interface PairRules {
  /** How the two are found. */
  strategy: Strategy;
  /** Default: any. */
  pairModels?: (typeof PAIR_MODELS)[number];
  /** The least difference of scores. Any that is above zero where not given. */
  minMargin?: number;
  /** The longer turn may be at most this many times as long as the other, in characters. */
  maxLengthRatio?: number;
  /** Of the replies that the strategy allows, reject the one nearest in length to the chosen. */
  lengthMatched?: boolean;
  /** For `top-k-pairs`. */
  pairs?: number;
  /** For `threshold`. */
  threshold?: number;
  /** Seed of random strategies. */
  seed: number;
}

/** Why a prompt gave no pair. */
export type NoPair =
  | "tie"
  | "same_text"
  | "margin_too_small"
  | "length_ratio"
  | "not_across_threshold"
  | "same_model";

/** A prompt's pairs, or why there is none. */
export interface ChosenPairs {
  /** The pairs; none where a reason is given. */
  pairs: Pair[];
  /** Why there is none. */
  reason: NoPair | null;
}

/**
 * The pairs of one prompt, or why there is none.
 *
 * @example
 * ```ts
 * import { choosePairs } from "thinkset/records";
 * import assert from "node:assert/strict";
 *
 * const replies = [1, 3, 2].map((score, index) => ({ index, score, turn: `reply ${index}` }));
 * const { pairs } = choosePairs("id", replies, { strategy: "best-worst", seed: 42 });
 * assert.deepEqual(pairs.map(({ chosen, rejected }) => [chosen.index, rejected.index]), [[1, 0]]);
 * ```
 */
export function choosePairs(
  id: string,
  candidates: readonly Candidate[],
  rules: PairRules,
): ChosenPairs {
  return rules.pairModels === "same"
    ? withinOneModel(id, candidates, rules)
    : byStrategy(id, candidates, rules);
}

/** Of the pairs within each model's replies, those of the greatest margin. */
function withinOneModel(
  id: string,
  candidates: readonly Candidate[],
  rules: PairRules,
): ChosenPairs {
  const groups = Map.groupBy(candidates, ({ model }) => model);
  const marginOf = ({ pairs }: ChosenPairs) =>
    pairs.length === 0 ? -Infinity : pairs[0]!.chosen.score - pairs[0]!.rejected.score;
  const found = [...groups.values()].map((own) => byStrategy(id, own, rules));
  const none: ChosenPairs = { pairs: [], reason: "same_model" };
  if (found.length === 1) return found[0]!;
  return found.filter(({ pairs }) => pairs.length > 0)
    .reduce((most, each) => (marginOf(each) > marginOf(most) ? each : most), none);
}

function byStrategy(
  id: string,
  candidates: readonly Candidate[],
  rules: PairRules,
): ChosenPairs {
  const all = [...candidates].sort((a, b) => b.score - a.score);
  const best = all[0];
  const across = rules.pairModels === "different";
  const ranked = across ? all.filter((each) => each === best || each.model !== best?.model) : all;
  if (across && ranked.length === 1 && all.length > 1) return { pairs: [], reason: "same_model" };
  if (best === undefined || !candidates.some((reply) => isWorse(reply, best))) {
    return { pairs: [], reason: "tie" };
  }
  switch (rules.strategy) {
    case "top-k-pairs":
      return topK(ranked, rules);
    case "threshold": {
      const threshold = rules.threshold ?? 0;
      const below = ranked.filter((reply) => reply.score < threshold);
      if (best.score < threshold || below.length === 0) {
        return { pairs: [], reason: "not_across_threshold" };
      }
      return one(best, rules.lengthMatched ? below : lowest(below), rules);
    }
    case "random":
    case "flipped":
      return control(ranked, id, rules);
    case "best-worst":
      return one(best, rules.lengthMatched ? lowerHalf(ranked) : lowest(ranked), rules);
    case "best-random":
      return one(best, rules.lengthMatched ? ranked : shuffled(ranked, id, rules), rules);
    case "best-lowest-quartile": {
      const quarter = ranked.slice(-Math.max(1, Math.floor(ranked.length / 4)));
      return one(best, rules.lengthMatched ? quarter : shuffled(quarter, id, rules), rules);
    }
  }
}

/**
 * The public builder's pair: of the replies sorted by falling score, the first and the last. Ties
 * and equal texts are paired too.
 */
export function rlmtPair(candidates: readonly Candidate[]): Pair {
  const ranked = [...candidates].sort((a, b) => b.score - a.score);
  return { chosen: ranked[0]!, rejected: ranked.at(-1)! };
}

/** Scores of half precision differ by so much from batch to batch. */
const NOISE = 0.05;

/**
 * Whether a score says that a reply is worse. Of two answers that were both cut, what tells them
 * apart may lie in what was not read: a difference within the noise of a batch is a tie then.
 */
function isWorse(reply: Candidate, chosen: Candidate): boolean {
  const least = reply.truncated && chosen.truncated ? NOISE : 0;
  return chosen.score - reply.score > least;
}

/** What a strategy without preferences gives, for the prompts that best-worst gives a pair of. */
function control(ranked: readonly Candidate[], id: string, rules: PairRules): ChosenPairs {
  const { pairs: [pair], reason } = one(ranked[0]!, lowest(ranked), rules);
  if (pair === undefined) return { pairs: [], reason };
  if (rules.strategy === "flipped") {
    return { pairs: [{ chosen: pair.rejected, rejected: pair.chosen }], reason: null };
  }
  const order = shuffled(ranked, id, rules);
  const chosen = order[0]!;
  const rejected = order.find(({ turn }) => turn !== chosen.turn)!;
  return { pairs: [{ chosen, rejected }], reason: null };
}

/** The first of the replies that may stand against the chosen one, in the order given. */
function one(
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
function admissible(
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

function topK(ranked: readonly Candidate[], rules: PairRules) {
  const pairs: Pair[] = [];
  let reason: NoPair | null = null;
  const count = Math.min(rules.pairs ?? 2, Math.floor(ranked.length / 2));
  for (let index = 0; index < count; index++) {
    const chosen = ranked[index]!, rejected = ranked[ranked.length - 1 - index]!;
    const left = admissible(chosen, [rejected], rules);
    if (Array.isArray(left)) pairs.push({ chosen, rejected });
    else reason ??= left;
  }
  return { pairs, reason: pairs.length > 0 ? null : reason };
}

/** Those of the lowest score, the last sampled first. */
function lowest(ranked: readonly Candidate[]): Candidate[] {
  const score = ranked.at(-1)!.score;
  return ranked.filter((reply) => reply.score === score).reverse();
}

function lowerHalf(ranked: readonly Candidate[]): Candidate[] {
  return ranked.slice(Math.ceil(ranked.length / 2)).reverse();
}

/** In an order drawn for this prompt alone. */
function shuffled(replies: readonly Candidate[], id: string, rules: PairRules): Candidate[] {
  const random = randomFor(rules.seed, id, rules.strategy);
  return replies
    .map((reply) => ({ reply, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ reply }) => reply);
}

function nearestInLength(chosen: Candidate, replies: readonly Candidate[]): Candidate {
  const distance = (reply: Candidate) => Math.abs(reply.turn.length - chosen.turn.length);
  return replies.reduce((near, reply) => (distance(reply) < distance(near) ? reply : near));
}

function lengthRatio(a: Candidate, b: Candidate): number {
  const [short, long] = [a.turn.length, b.turn.length].sort((x, y) => x - y) as [number, number];
  return long / Math.max(1, short);
}
