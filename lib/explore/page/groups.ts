/** Numbers by source or another category, over what remains. Pure. */
import { type BestOfK, bestOfKCurve } from "../../view/statistics.ts";
import { type Column, columnOf, type ExplorerData } from "../columns.ts";
import type { Heat } from "./lines.ts";

type Remains = (prompt: number, reply: number) => boolean;

/** What a value's prompts and replies are like. */
export interface GroupRow {
  name: string;
  prompts: number;
  replies: number;
  /** Means; NaN of nothing. */
  reward: number;
  spread: number;
  follows: number;
  length: number;
  malformed: number;
}

/** A row for each value of a column of prompts, the most prompts first. */
export function groupRows(
  data: ExplorerData,
  by: Column,
  shown: Uint8Array,
  remains: Remains,
): GroupRow[] {
  const sums = by.names!.map((name) => ({
    name,
    prompts: 0,
    replies: 0,
    bad: 0,
    reward: new Mean(),
    spread: new Mean(),
    follows: new Mean(),
    length: new Mean(),
  }));
  const column = (name: string) => columnOf(data, name)?.data;
  const reward = column("reward"),
    length = column("answer_length"),
    malformed = column("malformed");
  const spread = column("spread"), follows = column("length_correlation");
  for (let row = 0; row < shown.length; row++) {
    if (!shown[row]) continue;
    const sum = sums[by.data[row]!]!;
    sum.prompts++;
    sum.spread.add(spread?.[row]);
    sum.follows.add(follows?.[row]);
    for (let reply = data.first[row]!; reply < data.first[row + 1]!; reply++) {
      if (!remains(row, reply)) continue;
      sum.replies++;
      sum.bad += malformed?.[reply] ? 1 : 0;
      sum.reward.add(reward?.[reply]);
      sum.length.add(length?.[reply]);
    }
  }
  return sums.filter(({ prompts }) => prompts > 0).sort((a, b) => b.prompts - a.prompts).map((
    sum,
  ) => ({
    name: sum.name,
    prompts: sum.prompts,
    replies: sum.replies,
    reward: sum.reward.value,
    spread: sum.spread.value,
    follows: sum.follows.value,
    length: sum.length.value,
    malformed: sum.bad / sum.replies,
  }));
}

class Mean {
  #sum = 0;
  #count = 0;

  add(value: number | undefined): void {
    if (value === undefined || Number.isNaN(value)) return;
    this.#sum += value;
    this.#count++;
  }

  get value(): number {
    return this.#sum / this.#count;
  }
}

/** The expected best of k over what remains. */
export function bestOfKRemaining(
  data: ExplorerData,
  shown: Uint8Array,
  remains: Remains,
): BestOfK[] {
  const reward = columnOf(data, "reward")?.data;
  if (reward === undefined) return [];
  function* prompts(): Generator<number[]> {
    for (let row = 0; row < shown.length; row++) {
      if (!shown[row]) continue;
      const scores: number[] = [];
      for (let reply = data.first[row]!; reply < data.first[row + 1]!; reply++) {
        if (!Number.isNaN(reward![reply]!) && remains(row, reply)) scores.push(reward![reply]!);
      }
      if (scores.length > 0) yield scores;
    }
  }
  return bestOfKCurve(prompts());
}

/** Replies that remain, on a grid of two of their columns. */
export function heatOf(
  data: ExplorerData,
  x: { column: Column; from: number; to: number },
  y: { column: Column; from: number; to: number },
  remains: Remains,
): Heat {
  const columns = 48, rows = 28;
  const counts = new Float32Array(columns * rows);
  const place = (value: number, from: number, to: number, bins: number) =>
    Math.min(bins - 1, Math.max(0, Math.floor((value - from) / (to - from) * bins)));
  for (let row = 0; row < data.first.length - 1; row++) {
    for (let reply = data.first[row]!; reply < data.first[row + 1]!; reply++) {
      const a = x.column.data[reply]!, b = y.column.data[reply]!;
      if (Number.isNaN(a) || Number.isNaN(b) || !remains(row, reply)) continue;
      counts[place(a, x.from, x.to, columns) * rows + place(b, y.from, y.to, rows)]!++;
    }
  }
  const side = ({ column, from, to }: typeof x) => (
    { from, to, label: column.unit ? `${column.label}, ${column.unit}` : column.label }
  );
  return { columns, rows, counts, x: side(x), y: side(y) };
}

/** Spearman's correlation of two columns of replies, over at most so many that remain, spread evenly. */
export function remainingPairs(
  data: ExplorerData,
  [a, b]: readonly [Column, Column],
  remains: Remains,
  most = 20_000,
): [number[], number[]] {
  const xs: number[] = [], ys: number[] = [];
  for (let row = 0; row < data.first.length - 1; row++) {
    for (let reply = data.first[row]!; reply < data.first[row + 1]!; reply++) {
      const x = a.data[reply]!, y = b.data[reply]!;
      if (Number.isNaN(x) || Number.isNaN(y) || !remains(row, reply)) continue;
      xs.push(x);
      ys.push(y);
    }
  }
  const every = Math.ceil(xs.length / most);
  if (every <= 1) return [xs, ys];
  const spread = (values: number[]) => values.filter((_, at) => at % every === 0);
  return [spread(xs), spread(ys)];
}
