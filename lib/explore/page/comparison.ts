/** Two sides over the same prompts: runs, or reward models. Pure. */
import { columnOf, type ExplorerData } from "../columns.ts";
import { mean, pairedInterval, wilsonInterval } from "../../view/statistics.ts";
import type { Filters } from "./filters.ts";

/** What the sides are made of. */
export interface Sides {
  /** Of each side, the column of rewards and, where the sides are runs, the run's code. */
  a: { column: string; run: number | null };
  b: { column: string; run: number | null };
}

/** How two sides compare. */
export interface Comparison {
  /** Prompts that both sides have. */
  prompts: number;
  wins: number;
  losses: number;
  ties: number;
  /** Share of prompts that a wins, ties counting half, with a 95% interval (Wilson's). */
  winRate: { value: number; low: number; high: number };
  /** Mean of (a − b) over prompts, with a 95% interval of pairs. */
  difference: { value: number; low: number; high: number };
  /** All rewards of each side, for a histogram. */
  rewards: [Float32Array, Float32Array];
  /** The prompts' rows by falling |a − b|, as rows of a and of b. */
  widest: { a: number; b: number; difference: number }[];
}

/**
 * Compares by prompt: the mean reward of each side's replies. Prompts are the same where their keys
 * are (their ids' numbers); only prompts that remain under the filters count.
 */
export function compare(
  filters: Filters,
  keys: Uint32Array,
  sides: Sides,
  shown: Uint8Array,
): Comparison {
  const [a, b] = [sides.a, sides.b].map((side) => meansOf(filters.data, side, shown, keys));
  const pairs: { a: number; b: number; difference: number }[] = [];
  for (const [key, one] of a!.means) {
    const other = b!.means.get(key);
    if (other === undefined) continue;
    pairs.push({ a: one.row, b: other.row, difference: one.mean - other.mean });
  }
  const differences = pairs.map(({ difference }) => difference);
  const wins = differences.filter((difference) => difference > 0).length;
  const losses = differences.filter((difference) => difference < 0).length;
  const ties = pairs.length - wins - losses;
  return {
    prompts: pairs.length,
    wins,
    losses,
    ties,
    winRate: {
      value: (wins + ties / 2) / pairs.length,
      ...wilsonInterval(wins + ties / 2, pairs.length),
    },
    difference: { value: mean(differences), ...pairedInterval(differences) },
    rewards: [Float32Array.from(a!.rewards), Float32Array.from(b!.rewards)],
    widest: pairs.sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference)).slice(0, 12),
  };
}

function meansOf(
  data: ExplorerData,
  { column, run }: Sides["a"],
  shown: Uint8Array,
  keys: Uint32Array,
): { means: Map<number, { row: number; mean: number }>; rewards: number[] } {
  const values = columnOf(data, column)!.data, runs = columnOf(data, "run")?.data;
  const means = new Map<number, { row: number; mean: number }>();
  const rewards: number[] = [];
  for (let row = 0; row < keys.length; row++) {
    if (!shown[row] || (run !== null && runs?.[row] !== run)) continue;
    let sum = 0, count = 0;
    for (let reply = data.first[row]!; reply < data.first[row + 1]!; reply++) {
      const value = values[reply]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
      rewards.push(value);
    }
    if (count > 0) means.set(keys[row]!, { row, mean: sum / count });
  }
  return { means, rewards };
}
