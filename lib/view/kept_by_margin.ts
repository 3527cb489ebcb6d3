/** What minimum margins leave of pairs. Pure: the explorer's page runs this module too. */
import { roundStep } from "./bins.ts";
import type { Numbers } from "./statistics.ts";

/** Pairs as lists of one length. */
export interface PairNumbers {
  /** Score of chosen less score of rejected. */
  margins: Numbers;
  /** Lengths of both sides, in any one unit. */
  chosenLengths: Numbers;
  /** Of the rejected side. */
  rejectedLengths: Numbers;
}

/** What a minimum margin leaves. */
export interface KeptPairs {
  /** The minimum margin. */
  minMargin: number;
  /** Pairs that stay. */
  kept: number;
  /** Mean of (chosen − rejected) lengths of the pairs that stay; null where none stays. */
  lengthBias: number | null;
}

/** What each of about a hundred minimum margins from 0 up would leave. */
export function keptByMargin(pairs: PairNumbers): KeptPairs[] {
  const { margins, chosenLengths, rejectedLengths } = pairs;
  const order = Uint32Array.from({ length: margins.length }, (_, i) => i)
    .sort((a, b) => margins[b]! - margins[a]!);
  const top = order.length === 0 ? 0 : Math.max(0, margins[order[0]!]!);
  const step = roundStep(top / 100);
  const rows: KeptPairs[] = [];
  let kept = 0, bias = 0;
  for (let index = Math.floor(top / step + 1e-9); index >= 0; index--) {
    const minMargin = Number((index * step).toPrecision(12));
    while (kept < order.length && margins[order[kept]!]! >= minMargin) {
      const pair = order[kept++]!;
      bias += chosenLengths[pair]! - rejectedLengths[pair]!;
    }
    rows.push({ minMargin, kept, lengthBias: kept === 0 ? null : bias / kept });
  }
  return rows.reverse();
}
