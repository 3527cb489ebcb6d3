/** Lists of the prompts at the ends of each scale: what to read first. Pure. */
import { Greatest } from "../../view/greatest.ts";
import { quantile, standardized } from "../../view/statistics.ts";
import { columnOf, type ExplorerData, NONE, repliesOf } from "../columns.ts";
import { SIGNS } from "../signs.ts";
import { type Looked, spreadEvenly } from "./groups.ts";

/** A list of extreme prompts, each with what is extreme about it. */
export interface Extremes {
  title: string;
  says: string;
  unit: string;
  found: { row: number; value: number }[];
}

const MOST = 10;
/** Lists of two rewards that disagree, at most. */
const MOST_AGAINST = 3;

/**
 * Every list that the data has numbers for, over the prompts that are shown: where rewards disagree
 * comes first.
 */
export function extremesOf(looked: Looked): Extremes[] {
  const { data } = looked;
  const column = (name: string) => columnOf(data, name)?.data;
  const margin = column("margin"), spread = column("spread"), reward = column("reward");
  const follows = column("length_correlation");
  const chosenOf = chosenIn(data), hasSign = signIn(data);
  const rewardOf = (reply: number | undefined) => reply === undefined ? undefined : reward?.[reply];
  return [
    ...disagreements(looked),
    list(looked, {
      title: "Widest margin",
      says: "the pair lies furthest apart",
      unit: "margin",
      value: (row) => margin?.[row],
    }),
    list(looked, {
      title: "Chosen, with a sign",
      says: "the chosen reply repeats the question, holds a thought, or the like",
      unit: "reward",
      value: (row) => {
        const chosen = chosenOf(row);
        return hasSign(chosen) ? rewardOf(chosen) : undefined;
      },
    }),
    list(looked, {
      title: "Chosen, with a low reward",
      says: "the pair teaches a reply that is better than the other, and still bad",
      unit: "reward",
      lowest: true,
      value: (row) => rewardOf(chosenOf(row)),
    }),
    list(looked, {
      title: "High reward, short answer",
      says: "among the tenth of replies with the highest rewards, the shortest",
      unit: "characters",
      lowest: true,
      value: shortestOfBest(looked),
    }),
    list(looked, {
      title: "Reward follows length",
      says: "the longer the answer, the better its reward",
      unit: "Spearman",
      value: (row) => follows?.[row],
    }),
    list(looked, {
      title: "Ties",
      says: "all replies have one reward: nothing can be learnt",
      unit: "spread",
      value: (row) => spread?.[row] === 0 ? 0 : undefined,
    }),
  ].filter(({ found }) => found.length > 0);
}

/** Several rewards of the same replies: judges, rules and reward models that see them differently. */
function disagreements(looked: Looked): Extremes[] {
  const { data } = looked;
  const scores = data.columns.filter(({ name }) => name.startsWith("score:")).map((column) => {
    const scoreOf = standardized(column.data);
    const of = (reply: number) => scoreOf(column.data[reply]!);
    return { name: column.name.slice("score:".length), of };
  });
  const [first, ...others] = scores;
  if (first === undefined || others.length === 0) return [];
  const unit = "standard deviations apart";
  const widest = list(looked, {
    title: "Rewards disagree",
    says: `a reply that ${
      scores.length > 2 ? "two rewards" : "the two rewards"
    } see most differently`,
    unit,
    value: (row) => Math.max(...repliesOf(data, row).map((reply) => range(scores, reply))),
  });
  const against = others.slice(0, MOST_AGAINST).map((other) =>
    list(looked, {
      title: `Best by ${first.name}, disliked by ${other.name}`,
      says: "the best reply by the one, as far below its mean by the other",
      unit,
      value: (row) => {
        const replies = repliesOf(data, row).filter((reply) => !Number.isNaN(first.of(reply)));
        if (replies.length === 0) return undefined;
        const best = replies.reduce((a, b) => first.of(b) > first.of(a) ? b : a);
        return first.of(best) - other.of(best);
      },
    })
  );
  return [widest, ...against];
}

/** How far apart the scores of a reply are; below any where it has fewer than two. */
function range(scores: readonly { of: (reply: number) => number }[], reply: number): number {
  const known = scores.map(({ of }) => of(reply)).filter((score) => !Number.isNaN(score));
  return known.length < 2 ? -Infinity : Math.max(...known) - Math.min(...known);
}

/** Of a prompt's replies among the tenth with the highest rewards, the length of the shortest. */
function shortestOfBest({ data, remains }: Looked): (row: number) => number | undefined {
  const reward = columnOf(data, "reward")?.data, length = columnOf(data, "answer_length")?.data;
  if (reward === undefined || length === undefined) return () => undefined;
  const some = spreadEvenly([...reward].filter((value) => !Number.isNaN(value)));
  const high = quantile(Float64Array.from(some).sort(), 0.9);
  return (row) => {
    const best = repliesOf(data, row).filter((reply) =>
      reward[reply]! >= high && remains(row, reply)
    );
    return Math.min(...best.map((reply) => length[reply]!));
  };
}

/** The prompts that are shown with the greatest values, or the lowest; what is not finite is none. */
function list(
  { data, shown }: Looked,
  { title, says, unit, value, lowest = false }: Omit<Extremes, "found"> & {
    value: (row: number) => number | undefined;
    lowest?: boolean;
  },
): Extremes {
  const greatest = new Greatest<number>(MOST), sign = lowest ? -1 : 1;
  for (let row = 0; row < data.first.length - 1; row++) {
    const own = shown[row] ? value(row) : undefined;
    if (own !== undefined && Number.isFinite(own)) greatest.add(sign * own, row);
  }
  const found = greatest.found.map(({ value, item }) => ({ row: item, value: sign * value }));
  return { title, says, unit, found };
}

/** What tells a reply with a sign. Equal replies are common, and no mistake of the reward. */
function signIn(data: ExplorerData): (reply: number | undefined) => boolean {
  const signs = columnOf(data, "signs");
  const tells = signs?.names?.map((name) => name !== NONE && name !== SIGNS.same_as_another);
  return (reply) => reply !== undefined && tells?.[signs!.data[reply]!] === true;
}

/** What gives the chosen reply of a prompt. */
function chosenIn(data: ExplorerData): (row: number) => number | undefined {
  const role = columnOf(data, "role");
  const code = role?.names?.indexOf("chosen") ?? -1;
  if (role === undefined || code < 0) return () => undefined;
  return (row) => repliesOf(data, row).find((reply) => role.data[reply] === code);
}
