/** What rewards are worth when they are held against the right answers. */
import type { ScoredRecord, ScoredReply } from "../core/records.ts";
import { loadRule } from "../model/rule/load_rule.ts";
import type { Labels } from "./labels.ts";

/** How replies and rewards stand against exact labels. */
export interface RewardQuality {
  prompts: number;
  /** Share of all replies that are right; a malformed reply is not. */
  right: number;
  malformed: number;
  /** Share of prompts with both right and wrong answers among their well-formed replies. */
  mixed: number;
  /** Share of prompts with both well-formed and malformed replies. */
  mixedForm: number;
  /** Pairs of a right and a wrong well-formed answer to one prompt. */
  pairs: number;
  /** Share of those in which the right answer has the higher score; ties count half. */
  pairAccuracy: number;
  /** Share of prompts whose reply of the highest score is right. */
  bestOfN: number;
}

/** Holds scored records against labels. Prompts without a label are left out. */
export async function rewardQuality(
  records: AsyncIterable<ScoredRecord>,
  labels: Labels,
): Promise<RewardQuality> {
  const rule = await loadRule("exact");
  let prompts = 0, replies = 0, right = 0, malformed = 0, mixed = 0, mixedForm = 0;
  let pairs = 0, ranked = 0, best = 0;
  for await (const { id, responses } of records) {
    const label = labels.get(id);
    if (label === undefined) continue;
    prompts++;
    replies += responses.length;
    const scored = responses.filter(({ score }) => score !== null);
    const isRight = ({ answer }: ScoredReply) => answer !== null && rule(answer, label).score === 1;
    const good = scored.filter(isRight), bad = scored.filter((reply) => !isRight(reply));
    right += good.length;
    malformed += responses.length - scored.length;
    if (good.length > 0 && bad.length > 0) mixed++;
    if (scored.length > 0 && scored.length < responses.length) mixedForm++;
    for (const { score } of good) {
      for (const other of bad) {
        pairs++;
        ranked += score! > other.score! ? 1 : score === other.score ? 0.5 : 0;
      }
    }
    const top = scored.toSorted((a, b) => b.score! - a.score!)[0];
    if (top && isRight(top)) best++;
  }
  return {
    prompts,
    right: right / replies,
    malformed: malformed / replies,
    mixed: mixed / prompts,
    mixedForm: mixedForm / prompts,
    pairs,
    pairAccuracy: ranked / pairs,
    bestOfN: best / prompts,
  };
}
