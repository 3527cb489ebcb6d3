/** Ways in which a reward is broken, by name, and those that its scores tell. */
import { spearman } from "../view/statistics.ts";
import type { Graded } from "../evaluate/ranking.ts";

/** A defect by its name, with what was found. */
export interface Defect {
  /** One of the defects that are known. */
  name: DefectName;
  /** What was seen. */
  found: string;
}

/** A way in which a reward is broken. */
export type DefectName =
  | "constant"
  | "not_finite"
  | "squashed"
  | "sign_turned"
  | "length_alone"
  | "batch_dependent"
  | "prompt_unread"
  | "answer_cut"
  | "two_bos";

/** What a reward may suffer from, and what follows. */
export const DEFECTS: Record<DefectName, string> = {
  constant: "nearly all answers have one score: nothing can be ranked",
  not_finite: "some scores are no numbers",
  squashed: "scores lie between 0 and 1: a sigmoid hides margins, and the best answers tie",
  sign_turned: "the worse answer has the higher score more often than not",
  length_alone: "scores follow length, whatever the answer says",
  batch_dependent: "an answer's score depends on what stands beside it in its batch",
  prompt_unread: "the score does not change with the prompt, or with its beginning or end",
  answer_cut: "the score does not change with the end of a long answer",
  two_bos: "the text begins with the beginning-of-text token twice",
};

/** Scores of one value from this share on are a constant. */
const CONSTANT = 0.99;
/** Rank correlation with length, within prompts, from which on nothing else can be in a score. */
const LENGTH_ALONE = 0.95;
/** A squashed reward has more values than a rule or a mean of some. */
const MANY = 20;

/** What the scores of many prompts tell. `prompts` are the scored replies of each. */
export function defectsInScores(prompts: readonly (readonly Graded[])[]): Defect[] {
  const scores = prompts.flatMap((graded) => graded.map(({ score }) => score));
  if (scores.length === 0) return [];
  const defects: Defect[] = [];
  const counts = new Map<number, number>();
  for (const score of scores) counts.set(score, (counts.get(score) ?? 0) + 1);
  const [value, most] = [...counts].reduce((a, b) => b[1] > a[1] ? b : a);
  if (most >= CONSTANT * scores.length && scores.length > 1) {
    return [{ name: "constant", found: `${most} of ${scores.length} scores are ${value}` }];
  }
  if (counts.size > MANY && scores.every((score) => score >= 0 && score <= 1)) {
    defects.push({ name: "squashed", found: `${counts.size} values, all between 0 and 1` });
  }
  const varied = prompts.filter((graded) => new Set(graded.map(({ length }) => length)).size > 2);
  const turns = varied.map((graded) =>
    spearman(graded.map(({ score }) => score), graded.map(({ length }) => length))
  ).filter((rho) => !Number.isNaN(rho));
  const rho = turns.reduce((sum, each) => sum + each, 0) / turns.length;
  if (turns.length >= 5 && Math.abs(rho) >= LENGTH_ALONE) {
    defects.push({
      name: "length_alone",
      found: `rank correlation with length ${rho.toFixed(2)} over ${turns.length} prompts`,
    });
  }
  return defects;
}
