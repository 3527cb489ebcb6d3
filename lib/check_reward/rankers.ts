/** What a reward is set beside: rankers that need no reward. Pure. */
import { bestWorth, type Graded, rankedPairs } from "../evaluate/ranking.ts";
import type { Estimate, Part } from "../view/bootstrap.ts";

/** What scores are set beside. */
export const RANKERS: readonly Ranker[] = ["reward", "length", "first", "random"];
/** The reward, or a baseline: the longer answer, the earlier one, any. */
export type Ranker = "reward" | "length" | "first" | "random";

/** What a ranker comes to. */
export interface Ranked {
  /** Share of pairs of a better and a worse answer that it ranks so; ties count half. */
  pairs: Estimate;
  /** Mean worth of the reply that it holds for the best of all to a prompt. */
  best: Estimate;
}

/** What a prompt gives to each ranker's figures. */
export type RankerParts = Record<Ranker, { pairs: Part; best: Part }>;

/** The reward beside rankers that need no reward. Of random order the expectation is known. */
export function partsOf(graded: readonly Graded[]): RankerParts {
  const by = (score: (reply: Graded, at: number) => number) => {
    const ranked = graded.map((reply, at) => ({ ...reply, score: score(reply, at) }));
    return { pairs: rankedPairs(ranked), best: bestWorth(ranked) };
  };
  return {
    reward: by(({ score }) => score),
    length: by(({ length }) => length),
    first: by((_, at) => -at),
    random: by(() => 0),
  };
}
