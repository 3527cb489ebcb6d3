/** A row of the table: the same work done by thinkset and by a peer, several times in turn. */

/** What every row is given. */
export interface Setup {
  /** Pairs of runs, thinkset and peer in turn. */
  pairs: number;
  /** Small sizes, to see that all of it works. */
  quick: boolean;
  /** An empty folder of the row's own, removed afterwards. */
  folder: string;
  /** A Python that has tests/requirements-bench.txt; undefined where it cannot be made. */
  python?: string;
}

/** What a row is given that cannot do without Python. */
export type WithPython = Setup & { python: string };

/** One comparison. */
export interface Row {
  /** What was done. */
  what: string;
  /** What thinkset took, with units: the median. */
  ours: string;
  /** The peer and what it took, with units: the median. */
  peer: string;
  /** The ratio of each pair, in the order they were run. Empty where there is no peer. */
  ratios: number[];
  /** What the ratio is of: "of cp's time", "times the tokens a CPU second". */
  unit: string;
  /** What was aimed at and whether the median is there. */
  target?: { text: string; met: boolean };
  /** What a reader must know to believe it. */
  note?: string;
  /** Whether the README shows it. */
  headline?: boolean;
}

/** Measures of both sides in turn, A B A B, so that both see the same machine. */
export async function inTurn<A, B>(
  pairs: number,
  ours: () => Promise<A>,
  theirs: () => Promise<B>,
): Promise<{ ours: A[]; theirs: B[] }> {
  const result: { ours: A[]; theirs: B[] } = { ours: [], theirs: [] };
  for (let pair = 0; pair < pairs; pair++) {
    result.ours.push(await ours());
    result.theirs.push(await theirs());
  }
  return result;
}

/** The middle of some numbers; the mean of the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** The median of one measure of several runs, with so many decimals. */
export function medianOf<T>(runs: readonly T[], of: (run: T) => number, decimals = 1): string {
  return median(runs.map(of)).toFixed(decimals);
}
