/** Lists of the prompts at the ends of each scale: what to read first. Pure. */
import { type Column, columnOf, type ExplorerData, NONE } from "../columns.ts";
import { SIGNS } from "../signs.ts";
import { mean, quantile, standardDeviation } from "../../view/statistics.ts";

/** A prompt at an end of some scale, and what is extreme about it. */
export interface Extreme {
  row: number;
  value: number;
}

/** A list of extreme prompts. */
export interface Extremes {
  title: string;
  says: string;
  unit: string;
  found: Extreme[];
}

/** What the lists are made of. */
interface Looked {
  data: ExplorerData;
  shown: Uint8Array;
  remains: (prompt: number, reply: number) => boolean;
}

const MOST = 10;
/** Lists of two rewards that disagree, at most. */
const MOST_AGAINST = 3;

/**
 * Every list that the data has numbers for, over the prompts that are shown: where rewards disagree
 * comes first.
 */
export function extremesOf(
  data: ExplorerData,
  shown: Uint8Array,
  remains: (prompt: number, reply: number) => boolean,
): Extremes[] {
  const looked = { data, shown, remains };
  const column = (name: string) => columnOf(data, name)?.data;
  const margin = column("margin"), spread = column("spread");
  const follows = column("length_correlation");
  return [
    ...disagreements(looked),
    list(looked, "Widest margin", "the pair lies furthest apart", "margin", (row) => margin?.[row]),
    chosenWithSign(looked),
    lowestChosen(looked),
    shortBest(looked),
    list(
      looked,
      "Reward follows length",
      "the longer the answer, the better its reward",
      "Spearman",
      (row) => follows?.[row],
    ),
    list(
      looked,
      "Ties",
      "all replies have one reward: nothing can be learnt",
      "spread",
      (row) => spread?.[row] === 0 ? 0 : undefined,
    ),
  ].filter(({ found }) => found.length > 0);
}

/** Several rewards of the same replies: judges, rules and reward models that see them differently. */
function disagreements(looked: Looked): Extremes[] {
  const { data } = looked;
  const scores = data.columns.filter(({ name }) => name.startsWith("score:"))
    .map(({ name, data }) => ({ name: name.slice("score:".length), of: standard(data) }));
  const [first, ...others] = scores;
  if (first === undefined || others.length === 0) return [];
  const unit = "standard deviations apart";
  const widest = list(
    looked,
    "Rewards disagree",
    `a reply that ${scores.length > 2 ? "two rewards" : "the two rewards"} see most differently`,
    unit,
    (row) => Math.max(...repliesOf(data, row).map((reply) => range(scores, reply))),
  );
  const against = others.slice(0, MOST_AGAINST).map((other) =>
    list(
      looked,
      `Best by ${first.name}, disliked by ${other.name}`,
      "the best reply by the one, as far below its mean by the other",
      unit,
      (row) => {
        const replies = repliesOf(data, row).filter((reply) => !Number.isNaN(first.of(reply)));
        if (replies.length === 0) return undefined;
        const best = replies.reduce((a, b) => first.of(b) > first.of(a) ? b : a);
        return first.of(best) - other.of(best);
      },
    )
  );
  return [widest, ...against];
}

/** How far apart the scores of a reply are; below any where it has fewer than two. */
function range(scores: readonly { of: (reply: number) => number }[], reply: number): number {
  const known = scores.map(({ of }) => of(reply)).filter((score) => !Number.isNaN(score));
  return known.length < 2 ? -Infinity : Math.max(...known) - Math.min(...known);
}

function chosenWithSign(looked: Looked): Extremes {
  const { data } = looked;
  const signs = columnOf(data, "signs"), reward = columnOf(data, "reward")?.data;
  // Equal replies are common, and no mistake of the reward.
  const tells = signs?.names?.map((name) => name !== NONE && name !== SIGNS.same_as_another);
  const says = "the chosen reply repeats the question, holds a thought, or the like";
  const chosenOf = chosenIn(data);
  return list(looked, "Chosen, with a sign", says, "reward", (row) => {
    const chosen = chosenOf(row);
    return chosen !== undefined && tells?.[signs!.data[chosen]!] ? reward?.[chosen] : undefined;
  });
}

function lowestChosen(looked: Looked): Extremes {
  const { data } = looked;
  const reward = columnOf(data, "reward")?.data;
  const says = "the pair teaches a reply that is better than the other, and still bad";
  const chosenOf = chosenIn(data);
  const lowest = list(looked, "Chosen, with a low reward", says, "reward", (row) => {
    const chosen = chosenOf(row);
    return chosen === undefined || reward === undefined ? undefined : -reward[chosen]!;
  });
  return negated(lowest);
}

/** Of the tenth of replies with the highest rewards, those with the shortest answers. */
function shortBest(looked: Looked): Extremes {
  const { data, remains } = looked;
  const reward = columnOf(data, "reward")?.data, length = columnOf(data, "answer_length")?.data;
  const some: number[] = [];
  const every = Math.max(1, Math.floor((reward?.length ?? 0) / 20_000));
  for (let reply = 0; reward && length && reply < reward.length; reply += every) {
    if (!Number.isNaN(reward[reply]!)) some.push(reward[reply]!);
  }
  const high = some.length === 0 ? Infinity : quantile(Float64Array.from(some).sort(), 0.9);
  const says = "among the tenth of replies with the highest rewards, the shortest";
  const shortest = list(looked, "High reward, short answer", says, "characters", (row) => {
    let least = Infinity;
    for (const reply of repliesOf(data, row)) {
      if (reward![reply]! >= high && remains(row, reply)) least = Math.min(least, length![reply]!);
    }
    return -least;
  });
  return negated(shortest);
}

/** The prompts that are shown with the greatest values; undefined, NaN and infinite ones are none. */
function list(
  { data, shown }: Looked,
  title: string,
  says: string,
  unit: string,
  value: (row: number) => number | undefined,
): Extremes {
  const found: Extreme[] = [];
  for (let row = 0; row < data.first.length - 1; row++) {
    const own = shown[row] ? value(row) : undefined;
    if (own === undefined || !Number.isFinite(own)) continue;
    if (found.length === MOST && own <= found.at(-1)!.value) continue;
    let at = found.length;
    while (at > 0 && found[at - 1]!.value < own) at--;
    found.splice(at, 0, { row, value: own });
    if (found.length > MOST) found.pop();
  }
  return { title, says, unit, found };
}

function negated({ found, ...list }: Extremes): Extremes {
  return { ...list, found: found.map(({ row, value }) => ({ row, value: 0 - value })) };
}

function repliesOf({ first }: ExplorerData, row: number): number[] {
  return Array.from({ length: first[row + 1]! - first[row]! }, (_, at) => first[row]! + at);
}

/** What gives the chosen reply of a prompt. */
function chosenIn(data: ExplorerData): (row: number) => number | undefined {
  const role = columnOf(data, "role");
  const code = role?.names?.indexOf("chosen") ?? -1;
  if (role === undefined || code < 0) return () => undefined;
  return (row) => repliesOf(data, row).find((reply) => role.data[reply] === code);
}

/** Values less their mean, in standard deviations. */
function standard(values: Column["data"]): (row: number) => number {
  const known = Float64Array.from(values).filter((value) => !Number.isNaN(value));
  const center = mean(known), deviation = standardDeviation(known) || 1;
  return (row) => (values[row]! - center) / deviation;
}
