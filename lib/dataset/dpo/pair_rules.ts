/** What a pair is, and the rules that it is chosen by. */

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
  /** Pairs a prompt at most, for `top-k-pairs`. */
  pairs?: number;
  /** The score that parts chosen from rejected, for `threshold`. */
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
