/** Which of a prompt's scored replies are paired: pure, and never a tie nor equal texts. */
import { randomFor } from "../../core/random.ts";
import { admissible, isWorse, one } from "./admissible.ts";
import type { Candidate, ChosenPairs, NoPair, Pair, PairRules } from "./pair_rules.ts";

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

/** What a strategy without preferences gives, for the prompts that best-worst gives a pair of. */
function control(ranked: readonly Candidate[], id: string, rules: PairRules): ChosenPairs {
  const { pairs: [pair], reason } = one(ranked[0]!, lowest(ranked), rules);
  if (pair === undefined) return { pairs: [], reason };
  if (rules.strategy === "flipped") {
    return { pairs: [{ chosen: pair.rejected, rejected: pair.chosen }], reason: null };
  }
  const order = shuffled(ranked, id, rules);
  const first = order[0]!, other = order.find(({ turn }) => turn !== first.turn)!;
  // The first one drawn is oftener the text that the policy says most, so a coin decides the sides.
  const asDrawn = randomFor(rules.seed, id, "sides")() < 0.5;
  const [chosen, rejected] = asDrawn ? [first, other] : [other, first];
  return { pairs: [{ chosen, rejected }], reason: null };
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
