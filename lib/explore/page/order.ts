/** Prompts and replies in an order that a person wants to see them in. Pure. */
import { columnOf, type ExplorerData, NONE } from "../columns.ts";
import { SIGNS } from "../signs.ts";
import { mean, quantile, standardDeviation } from "../../view/statistics.ts";

/** The prompts that are shown, sorted by a column of prompts; those without a value come last. */
export function sortedPrompts(
  data: ExplorerData,
  shown: Uint8Array,
  { column, down }: { column: string; down: boolean },
): Uint32Array {
  const rows = new Uint32Array(shown.reduce((sum, one) => sum + one, 0));
  let at = 0;
  shown.forEach((one, row) => {
    if (one) rows[at++] = row;
  });
  const by = columnOf(data, column);
  if (by === undefined || by.of !== "prompt") return rows;
  const rank = by.kind === "category" ? ranksOf(by.names!, by.data) : by.data;
  const sign = down ? -1 : 1;
  return rows.sort((a, b) => {
    const x = rank[a]!, y = rank[b]!;
    if (Number.isNaN(x) || Number.isNaN(y)) {
      return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    }
    return sign * (x - y) || a - b;
  });
}

/** Codes by the order of their names. */
function ranksOf(names: readonly string[], codes: ArrayLike<number>): Uint32Array {
  const order = names.map((_, code) => code).sort((a, b) =>
    names[a]!.localeCompare(names[b]!, "en")
  );
  const rank = new Uint32Array(names.length);
  order.forEach((code, at) => rank[code] = at);
  return Uint32Array.from(codes, (code) => rank[code]!);
}

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

const MOST = 10;

/** Every list that the data has numbers for, over the prompts that are shown. */
export function extremesOf(
  data: ExplorerData,
  shown: Uint8Array,
  remains: (prompt: number, reply: number) => boolean,
): Extremes[] {
  const prompts = data.first.length - 1;
  const lists: Extremes[] = [];
  const ofPrompts = (title: string, says: string, unit: string, value: (row: number) => number) => {
    const top = new Top();
    for (let row = 0; row < prompts; row++) if (shown[row]) top.add(row, value(row));
    if (top.found.length > 0) lists.push({ title, says, unit, found: top.found });
  };
  const column = (name: string) => columnOf(data, name)?.data;
  const margin = column("margin"), spread = column("spread");
  const signs = columnOf(data, "signs"), role = columnOf(data, "role");
  const follows = column("length_correlation");
  if (margin) {
    ofPrompts("Widest margin", "the pair lies furthest apart", "margin", (row) => margin[row]!);
  }
  const reward = column("reward");
  if (signs && role && reward) {
    const chosen = role.names!.indexOf("chosen");
    // Equal replies are common, and no mistake of the reward.
    const tells = signs.names!.map((name) => name !== NONE && name !== SIGNS.same_as_another);
    const says = "the chosen reply repeats the question, holds a thought, or the like";
    ofPrompts("Chosen, with a sign", says, "reward", (row) => {
      for (let reply = data.first[row]!; reply < data.first[row + 1]!; reply++) {
        if (role.data[reply] === chosen && tells[signs.data[reply]!]) return reward[reply]!;
      }
      return NaN;
    });
  }
  const length = column("answer_length");
  if (reward && length) lists.push(...shortBest(data, { reward, length, remains }));
  const [first, second] = data.columns.filter(({ name }) => name.startsWith("score:"));
  if (first && second) {
    const a = standard(first.data), b = standard(second.data);
    ofPrompts(
      `Best by ${first.label.slice(10)}, disliked by ${second.label.slice(10)}`,
      "the best reply by the one, as far below its mean by the other",
      "standard deviations apart",
      (row) => {
        let best = -1;
        for (let reply = data.first[row]!; reply < data.first[row + 1]!; reply++) {
          if (
            !Number.isNaN(first.data[reply]!) &&
            (best < 0 || first.data[reply]! > first.data[best]!)
          ) best = reply;
        }
        return best < 0 ? NaN : a(best) - b(best);
      },
    );
  }
  if (follows) {
    ofPrompts(
      "Reward follows length",
      "the longer the answer, the better its reward",
      "Spearman",
      (row) => follows[row]!,
    );
  }
  if (spread) {
    ofPrompts(
      "Ties",
      "all replies have one reward: nothing can be learnt",
      "spread",
      (row) => spread[row] === 0 ? 0 : NaN,
    );
  }
  return lists;
}

/** Of the tenth of replies with the highest rewards, those with the shortest answers. */
function shortBest(
  data: ExplorerData,
  { reward, length, remains }: {
    reward: ArrayLike<number>;
    length: ArrayLike<number>;
    remains: (prompt: number, reply: number) => boolean;
  },
): Extremes[] {
  const some: number[] = [];
  const every = Math.max(1, Math.floor(reward.length / 20_000));
  for (let reply = 0; reply < reward.length; reply += every) {
    if (!Number.isNaN(reward[reply]!)) some.push(reward[reply]!);
  }
  const high = quantile(Float64Array.from(some).sort(), 0.9);
  const top = new Top();
  for (let row = 0; row < data.first.length - 1; row++) {
    let least = Infinity;
    for (let reply = data.first[row]!; reply < data.first[row + 1]!; reply++) {
      if (reward[reply]! >= high && remains(row, reply)) least = Math.min(least, length[reply]!);
    }
    if (least < Infinity) top.add(row, -least);
  }
  const found = top.found.map(({ row, value }) => ({ row, value: -value }));
  if (found.length === 0) return [];
  return [{
    title: "High reward, short answer",
    says: "among the tenth of replies with the highest rewards, the shortest",
    unit: "characters",
    found,
  }];
}

/** Values less their mean, in standard deviations. */
function standard(values: Column["data"]): (row: number) => number {
  const known = Float64Array.from(values).filter((value) => !Number.isNaN(value));
  const center = mean(known), deviation = standardDeviation(known) || 1;
  return (row) => (values[row]! - center) / deviation;
}
type Column = ExplorerData["columns"][number];

/** The greatest few, the greatest first; NaN is left out. */
class Top {
  readonly found: Extreme[] = [];

  add(row: number, value: number): void {
    if (Number.isNaN(value)) return;
    const { found } = this;
    if (found.length === MOST && value <= found.at(-1)!.value) return;
    let at = found.length;
    while (at > 0 && found[at - 1]!.value < value) at--;
    found.splice(at, 0, { row, value });
    if (found.length > MOST) found.pop();
  }
}
