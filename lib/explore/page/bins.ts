/** Each row's place in its column's histogram. Pure. */
import { type Column, NONE } from "../columns.ts";
import { roundStep } from "../../view/bins.ts";
import { quantile } from "../../view/statistics.ts";

/** A column cut into bins: of a category, each code is one. */
export interface Binned {
  column: Column;
  /** The bin of each row; of numbers `count` stands for none. */
  bins: Uint16Array;
  count: number;
  /** Of numbers: where the first bin begins, and how wide each is. */
  from: number;
  step: number;
  /** Whether all values are whole numbers. */
  whole: boolean;
}

/** Bins of a histogram of numbers at most. */
const MOST = 60;
/** Rows that the range is found by. */
const SAMPLE = 20_000;

/**
 * Cuts a column into bins of round width. The outermost thousandth on either side is not given room
 * of its own: the first and the last bin hold it.
 */
export function binned(column: Column): Binned {
  if (column.kind === "category") {
    const count = column.names?.length ?? 1;
    return { column, bins: column.data as Uint16Array, count, from: 0, step: 1, whole: true };
  }
  const { from, step, count, whole } = rangeOf(column.data);
  const bins = new Uint16Array(column.data.length);
  for (let row = 0; row < bins.length; row++) {
    const value = column.data[row]!;
    bins[row] = Number.isNaN(value)
      ? count
      : Math.min(count - 1, Math.max(0, Math.floor((value - from) / step + 1e-6)));
  }
  return { column, bins, count, from, step, whole };
}

function rangeOf(data: ArrayLike<number>): Omit<Binned, "column" | "bins"> {
  const every = Math.max(1, Math.floor(data.length / SAMPLE));
  const some: number[] = [];
  for (let row = 0; row < data.length; row += every) {
    if (!Number.isNaN(data[row]!)) some.push(data[row]!);
  }
  if (some.length === 0) return { from: 0, step: 1, count: 1, whole: true };
  const sorted = Float64Array.from(some).sort();
  const [low, high] = sorted.length < 1000
    ? [sorted[0]!, sorted.at(-1)!]
    : [quantile(sorted, 0.001), quantile(sorted, 0.999)];
  // Whole numbers get bins of whole numbers.
  const whole = sorted.every(Number.isInteger);
  if (low === high) return { from: Math.floor(low), step: 1, count: 1, whole };
  const step = Math.max(whole ? 1 : 0, roundStep((high - low) / (MOST - 4)));
  const from = Math.floor(low / step) * step;
  return { from, step, count: Math.min(MOST, Math.floor((high - from) / step + 1e-6) + 1), whole };
}

/** The names of a category's values, the one for none as the reader sees it. */
export function nameOf({ column }: Binned, code: number): string {
  return column.names?.[code] ?? NONE;
}
