/** Two sides over the same prompts: runs, or reward models. Pure. */
import { columnOf, type ExplorerData, repliesOf } from "../columns.ts";
import {
  type Estimate,
  mean,
  pairedInterval,
  standardized,
  type Wins,
  winsOf,
} from "../../view/statistics.ts";

/** A side: the replies of a run, or all replies by one reward model (`run` null). */
export interface Side {
  /** The column of rewards. */
  column: string;
  /** The run's code in the column `run`. */
  run: number | null;
}

/** How two sides compare. */
export interface Comparison {
  /** Prompts that both sides have, and how many of them a wins. */
  prompts: number;
  won: Wins;
  /** Mean of (a − b) over prompts, with a 95% interval of pairs. */
  difference: Estimate;
  /** Of two reward models, the share of prompts whose best reply is the same by both. */
  sameBest: number | null;
  /** All rewards of each side. */
  rewards: [Float32Array, Float32Array];
  /** The prompts that differ most, as rows of a. */
  widest: { row: number; difference: number }[];
}

/** What a side has of a prompt. */
interface OfPrompt {
  row: number;
  mean: number;
  /** The best reply's place among the prompt's. */
  best: number;
}

/**
 * Compares by prompt the mean reward of each side's replies. Prompts are the same where their keys
 * are; only those that are shown count. Two reward models have scales of their own, so their scores
 * are standardized over all replies.
 */
export function compare(data: ExplorerData, a: Side, b: Side, shown: Uint8Array): Comparison {
  const [one, other] = [sideOf(data, a, shown), sideOf(data, b, shown)];
  const pairs: { row: number; difference: number; same: boolean }[] = [];
  for (const [key, { row, mean, best }] of one.prompts) {
    const match = other.prompts.get(key);
    if (match === undefined) continue;
    pairs.push({ row, difference: mean - match.mean, same: best === match.best });
  }
  const differences = pairs.map(({ difference }) => difference);
  const models = a.run === null && b.run === null;
  return {
    prompts: pairs.length,
    won: winsOf(differences),
    difference: { value: mean(differences), ...pairedInterval(differences) },
    sameBest: models ? pairs.filter(({ same }) => same).length / pairs.length : null,
    rewards: [one.rewards, other.rewards],
    widest: pairs.sort((x, y) => Math.abs(y.difference) - Math.abs(x.difference)).slice(0, 12),
  };
}

function sideOf(
  data: ExplorerData,
  { column, run }: Side,
  shown: Uint8Array,
): { prompts: Map<number, OfPrompt>; rewards: Float32Array } {
  const values = columnOf(data, column)!.data, runs = columnOf(data, "run")?.data;
  const scale = run === null ? standardized(values) : (value: number) => value;
  const prompts = new Map<number, OfPrompt>();
  const rewards: number[] = [];
  for (let row = 0; row < shown.length; row++) {
    if (!shown[row] || (run !== null && runs?.[row] !== run)) continue;
    const own = repliesOf(data, row).map((reply) => scale(values[reply]!));
    const known = own.filter((value) => !Number.isNaN(value));
    rewards.push(...known);
    // By reward model every prompt of every run stands for itself.
    const key = run === null ? row : data.keys[row]!;
    const best = own.indexOf(Math.max(...known));
    if (known.length > 0) prompts.set(key, { row, mean: mean(known), best });
  }
  return { prompts, rewards: Float32Array.from(rewards) };
}
