/** Ways in which a reward is broken, told from its scores or by probing it. */
import { ModelError } from "../core/errors.ts";
import type { Answer } from "../core/records.ts";
import type { RewardModel, ScoringItem } from "../model/reward_model.ts";
import { spearman, standardDeviation } from "../view/statistics.ts";
import type { Graded } from "../evaluate/ranking.ts";

/** A defect by its name, with what was found. */
export interface Defect {
  /** One of the defects that are known. */
  name: DefectName;
  /** What was seen. */
  found: string;
}

/** The name of a defect. */
export type DefectName =
  | "constant"
  | "not_finite"
  | "squashed"
  | "sign_turned"
  | "length_alone"
  | "batch_dependent"
  | "prompt_unread"
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

/** How an answer may be changed without being another one. */
export const HARMLESS: Record<string, (answer: string) => string> = {
  "white space at the end": (answer) => `${answer} \n`,
  "two spaces for one": (answer) => answer.replaceAll(" ", "  "),
  "markdown": (answer) => `**${answer}**`,
  "a longer ending": (answer) => `${answer} I hope that this helps!`,
};

/** What probing came to. */
export interface Probed {
  defects: Defect[];
  /** By harmless change: the mean shift of a score, in spreads of the scores probed. */
  sensitivity: Record<string, number>;
}

/** Scores differ where they differ by more than rounding; half precision moves a score of 10 by this. */
const TOLERANCE = 0.05;

/** Probes a reward with prompts and an answer to each. Throws what the reward throws beyond items. */
export async function probe(
  model: RewardModel,
  items: readonly ScoringItem[],
  options: { maxLength: number; signal?: AbortSignal },
): Promise<Probed> {
  const score = async (asked: readonly ScoringItem[]): Promise<number[]> => {
    try {
      return (await model.score(asked, options)).map(({ score }) => score ?? NaN);
    } catch (error) {
      // A reward that gives no number for one says so by a reject; an item alone tells which.
      if (!(error instanceof ModelError) || error.kind !== "reject") throw error;
      return asked.map(() => NaN);
    }
  };
  const alone: number[] = [];
  for (const item of items) alone.push((await score([item]))[0]!);
  const defects: Defect[] = [];
  const lost = alone.filter((value) => !Number.isFinite(value)).length;
  if (lost > 0) defects.push({ name: "not_finite", found: `${lost} of ${items.length} answers` });
  const differ = (a: readonly number[], b: readonly number[]) =>
    a.filter((value, at) => Math.abs(value - b[at]!) > TOLERANCE).length;
  const moved = Math.max(
    differ(alone, await score(items)),
    differ(alone, (await score(items.toReversed())).toReversed()),
  );
  if (moved > 0) {
    defects.push({
      name: "batch_dependent",
      found: `${moved} of ${items.length} scores are others in a batch or in another order`,
    });
  }
  for (const [part, change] of Object.entries(PROMPT_PAIRS)) {
    let equal = 0, read = 0;
    for (const [at, item] of items.entries()) {
      const other = items[(at + 1) % items.length]!;
      const [one, two] = change(item.prompt.at(-1)!.content, other.prompt.at(-1)!.content);
      if (one === two) continue;
      const [before] = await score([withLast(item, one)]);
      const [after] = await score([withLast(item, two)]);
      if (!Number.isFinite(before) || !Number.isFinite(after)) continue;
      read++;
      if (before === after) equal++;
    }
    // A constant reads nothing at all, which is told by its scores.
    if (read > 1 && equal === read && new Set(alone).size > 1) {
      defects.push({ name: "prompt_unread", found: `no score of ${read} changes with ${part}` });
      break;
    }
  }
  const twice = await beginTwice(model, items);
  if (twice > 0) {
    defects.push({ name: "two_bos", found: `${twice} of ${items.length} texts begin so` });
  }
  const sensitivity: Record<string, number> = {};
  const deviation = standardDeviation(alone);
  for (const [name, change] of Object.entries(HARMLESS)) {
    const changed = await score(
      items.map((item) => ({ ...item, answer: change(item.answer) as Answer })),
    );
    const shift = changed.reduce((sum, value, at) => sum + Math.abs(value - alone[at]!), 0);
    sensitivity[name] = !(deviation > 0) ? 0 : shift / changed.length / deviation;
  }
  return { defects, sensitivity };
}

/** Text between the ends of a prompt that is made long. */
const BETWEEN = ` ${"and so on ".repeat(40)}`;

/** Two last turns each, made of a prompt's own and another's, that a reward must tell apart. */
const PROMPT_PAIRS: Record<string, (own: string, other: string) => [string, string]> = {
  "the prompt": (own, other) => [own, other],
  "the end of a long prompt": (own, other) => [own + BETWEEN + own, own + BETWEEN + other],
  "the beginning of a long prompt": (own, other) => [own + BETWEEN + own, other + BETWEEN + own],
};

function withLast(item: ScoringItem, content: string): ScoringItem {
  const last = item.prompt.at(-1)!;
  return { ...item, prompt: [...item.prompt.slice(0, -1), { ...last, content }] };
}

/** Items whose first token stands there twice, of a reward that shows its tokens. */
async function beginTwice(model: RewardModel, items: readonly ScoringItem[]): Promise<number> {
  let twice = 0;
  for (const item of items) {
    const ids = await model.tokensOf?.(item);
    if (ids !== undefined && ids.length > 1 && ids[0] === ids[1]) twice++;
  }
  return twice;
}
