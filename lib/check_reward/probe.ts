/** Probes a reward: what changes its scores that should not, and what does not that should. */
import { ModelError } from "../core/errors.ts";
import type { Answer } from "../core/records.ts";
import type { RewardModel, ScoringItem } from "../model/reward_model.ts";
import { standardDeviation } from "../view/statistics.ts";
import type { Defect } from "./defects.ts";

/** How an answer may be changed without being another one. */
const HARMLESS: Record<string, (answer: string) => string> = {
  "white space at the end": (answer) => `${answer} \n`,
  "two spaces for one": (answer) => answer.replaceAll(" ", "  "),
  "markdown": (answer) => `**${answer}**`,
  "a longer ending": (answer) => `${answer} I hope that this helps!`,
};

/** What probing came to. */
export interface Probed {
  defects: Defect[];
  /** By harmless change: the mean shift of a score, in spreads. */
  sensitivity: Record<string, number>;
}

/** Scores differ where they differ by more than rounding; half precision moves a score of 10 by this. */
const TOLERANCE = 0.05;

/**
 * Probes a reward with prompts and an answer to each. Throws what the reward throws beyond items.
 *
 * @param options.spread what shifts of a score are measured by: the standard deviation of its scores;
 * of those of `items` where not given.
 */
export async function probe(
  model: RewardModel,
  items: readonly ScoringItem[],
  { spread, ...options }: { maxLength: number; spread?: number; signal?: AbortSignal },
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
  const unread = async (pairOf: PairOf) => {
    let equal = 0, read = 0;
    for (const [at, item] of items.entries()) {
      const pair = pairOf(item, items[(at + 1) % items.length]!);
      if (pair === null) continue;
      const [[before], [after]] = [await score([pair[0]]), await score([pair[1]])];
      if (!Number.isFinite(before) || !Number.isFinite(after)) continue;
      read++;
      if (before === after) equal++;
    }
    // A constant reads nothing at all, which is told by its scores.
    return read > 1 && equal === read && new Set(alone).size > 1 ? read : null;
  };
  for (const [part, pairOf] of Object.entries(PROMPT_PAIRS)) {
    const read = model.readsPrompt === false ? null : await unread(pairOf);
    if (read === null) continue;
    defects.push({ name: "prompt_unread", found: `no score of ${read} changes with ${part}` });
    break;
  }
  const cut = await unread(ANSWER_PAIRS.end);
  if (cut !== null && await unread(ANSWER_PAIRS.beginning) === null) {
    defects.push({ name: "answer_cut", found: `no score of ${cut} changes with it` });
  }
  const twice = await beginTwice(model, items);
  if (twice > 0) {
    defects.push({ name: "two_bos", found: `${twice} of ${items.length} texts begin so` });
  }
  const sensitivity: Record<string, number> = {};
  const deviation = spread ?? standardDeviation(alone);
  for (const [name, change] of Object.entries(HARMLESS)) {
    const changed = await score(
      items.map((item) => ({ ...item, answer: change(item.answer) as Answer })),
    );
    const shift = changed.reduce((sum, value, at) => sum + Math.abs(value - alone[at]!), 0);
    sensitivity[name] = !(deviation > 0) ? 0 : shift / changed.length / deviation;
  }
  return { defects, sensitivity };
}

/** Text between the ends of a prompt or an answer that is made long. */
const BETWEEN = ` ${"and so on ".repeat(40)}`;

/** Two items, made of one and another, that a reward must tell apart; null where they are one. */
type PairOf = (own: ScoringItem, other: ScoringItem) => [ScoringItem, ScoringItem] | null;

/** Two texts, made of an item's own and another's. */
type TwoTexts = (own: string, other: string) => [string, string];

const promptPair = (texts: TwoTexts): PairOf => (own, other) => {
  const [one, two] = texts(own.prompt.at(-1)!.content, other.prompt.at(-1)!.content);
  return one === two ? null : [withLast(own, one), withLast(own, two)];
};

const answerPair = (texts: TwoTexts): PairOf => (own, other) => {
  const [one, two] = texts(own.answer, other.answer);
  if (one === two) return null;
  return [{ ...own, answer: one as Answer }, { ...own, answer: two as Answer }];
};

const otherEnd: TwoTexts = (own, other) => [own + BETWEEN + own, own + BETWEEN + other];
const otherBeginning: TwoTexts = (own, other) => [own + BETWEEN + own, other + BETWEEN + own];

const PROMPT_PAIRS: Record<string, PairOf> = {
  "the prompt": promptPair((own, other) => [own, other]),
  "the end of a long prompt": promptPair(otherEnd),
  "the beginning of a long prompt": promptPair(otherBeginning),
};

/** A reward that reads neither is none of texts: a rule, to which a long answer is wrong. */
const ANSWER_PAIRS = { end: answerPair(otherEnd), beginning: answerPair(otherBeginning) };

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
