/** What rewards are worth when they are held against the right answers. */
import type { ScoredRecord } from "../core/records.ts";
import { loadRule } from "../model/rule/load_rule.ts";
import { type Part, shareOf } from "../view/bootstrap.ts";
import type { Labels } from "./labels.ts";
import { rankedPairs } from "./ranking.ts";
import { partsOf, type PromptParts } from "./run_figures.ts";

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
  const isRight = (answer: string, label: unknown) => rule(answer, label).score === 1;
  const all: (PromptParts & { pairs: Part })[] = [];
  for await (const record of records) {
    const label = labels.get(record.id);
    if (label === undefined) continue;
    const graded = record.responses.flatMap(({ answer, score }) =>
      answer === null || score === null
        ? []
        : [{ score, worth: isRight(answer, label) ? 1 : 0, length: answer.length }]
    );
    all.push({ ...partsOf(record, label, isRight), pairs: rankedPairs(graded) });
  }
  const share = (figure: "right" | "malformed" | "pairs" | "best") =>
    shareOf(all.map((parts) => parts[figure]));
  const shareWith = (is: (parts: PromptParts & { pairs: Part }) => boolean) =>
    all.filter(is).length / all.length;
  return {
    prompts: all.length,
    right: share("right"),
    malformed: share("malformed"),
    mixed: shareWith(({ pairs }) => pairs.all > 0),
    mixedForm: shareWith(({ malformed: { of, all } }) => of > 0 && of < all),
    pairs: all.reduce((sum, { pairs }) => sum + pairs.all, 0),
    pairAccuracy: share("pairs"),
    bestOfN: share("best"),
  };
}
