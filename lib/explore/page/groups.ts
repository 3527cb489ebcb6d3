/** Numbers by source or another category, over what remains. Pure. */
import { type BestOfK, bestOfKCurve } from "../../view/best_of_k.ts";
import { mean } from "../../view/statistics.ts";
import { type Column, columnOf, type ExplorerData, repliesOf } from "../columns.ts";
import type { Heat } from "./lines.ts";

/** What is looked at: the prompts that are shown, and the replies that remain of them. */
export interface Looked {
  data: ExplorerData;
  /** By prompt, 1 where one of its replies remains. */
  shown: Uint8Array;
  remains: (prompt: number, reply: number) => boolean;
}

/** Each prompt that is shown, with its replies that remain. */
function* promptsOf({ data, shown, remains }: Looked): Generator<[row: number, replies: number[]]> {
  for (let row = 0; row < shown.length; row++) {
    if (shown[row]) yield [row, repliesOf(data, row).filter((reply) => remains(row, reply))];
  }
}

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
export function groupRows(looked: Looked, by: Column): GroupRow[] {
  const column = (name: string) => columnOf(looked.data, name)?.data;
  const [reward, spread, follows, length, malformed] = [
    "reward",
    "spread",
    "length_correlation",
    "answer_length",
    "malformed",
  ].map(column);
  const groups = Map.groupBy(promptsOf(looked), ([row]) => by.data[row]!);
  return by.names!.flatMap((name, code) => {
    const prompts = groups.get(code) ?? [];
    if (prompts.length === 0) return [];
    const rows = prompts.map(([row]) => row), replies = prompts.flatMap(([, replies]) => replies);
    return [{
      name,
      prompts: rows.length,
      replies: replies.length,
      reward: meanAt(reward, replies),
      spread: meanAt(spread, rows),
      follows: meanAt(follows, rows),
      length: meanAt(length, replies),
      malformed: mean(replies.map((reply) => malformed?.[reply] ? 1 : 0)),
    }];
  }).sort((a, b) => b.prompts - a.prompts);
}

/** The mean of the values that are there. */
function meanAt(values: Column["data"] | undefined, rows: readonly number[]): number {
  return mean(rows.map((row) => values?.[row] ?? NaN).filter((value) => !Number.isNaN(value)));
}

/** The expected best of k over what remains. */
export function bestOfKRemaining(looked: Looked): BestOfK[] {
  const reward = columnOf(looked.data, "reward")?.data ?? [];
  const scores = ([, replies]: [number, number[]]) =>
    replies.map((reply) => reward[reply] ?? NaN).filter((score) => !Number.isNaN(score));
  return bestOfKCurve(Array.from(promptsOf(looked), scores));
}

/** Two columns of the replies that remain and have a value in both. */
export function remainingPairs(looked: Looked, [a, b]: readonly [Column, Column]) {
  const xs: number[] = [], ys: number[] = [];
  for (const [, replies] of promptsOf(looked)) {
    for (const reply of replies) {
      const x = a.data[reply]!, y = b.data[reply]!;
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      xs.push(x);
      ys.push(y);
    }
  }
  return [xs, ys] as const;
}

/** At most so many values, spread evenly. */
export function spreadEvenly(values: readonly number[], most = 20_000): number[] {
  const every = Math.max(1, Math.ceil(values.length / most));
  return values.filter((_, at) => at % every === 0);
}

/** Pairs of numbers on a grid. */
export function heatOf(
  [xs, ys]: readonly [readonly number[], readonly number[]],
  x: Heat["x"],
  y: Heat["y"],
): Heat {
  const columns = 48, rows = 28;
  const counts = new Float32Array(columns * rows);
  const place = (value: number, { from, to }: Heat["x"], bins: number) =>
    Math.min(bins - 1, Math.max(0, Math.floor((value - from) / (to - from) * bins)));
  for (const [at, value] of xs.entries()) {
    counts[place(value, x, columns) * rows + place(ys[at]!, y, rows)]!++;
  }
  return { columns, rows, counts, x, y };
}
