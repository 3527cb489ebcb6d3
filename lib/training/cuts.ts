/** What a trainer's length limit takes from a sequence. */

/** Tokens that are cut away: from one place to before another. */
export type Cut = readonly [from: number, to: number];

interface Cuttable {
  readonly ids: readonly number[];
  readonly cuts: readonly Cut[];
}

/** The cut of a trainer that keeps the first `max` tokens of `length`. */
export function cutAfter(length: number, max: number): Cut[] {
  return length > max ? [[max, length]] : [];
}

export function isCut({ cuts }: Cuttable, index: number): boolean {
  return cuts.length > 0 && cuts.some(([from, to]) => index >= from && index < to);
}

/** How many tokens are left. */
export function keptLength({ ids, cuts }: Cuttable): number {
  return cuts.reduce((left, [from, to]) => left - (to - from), ids.length);
}

export function cutDetail(sequence: Cuttable): string {
  return `${sequence.ids.length} tokens, cut to ${keptLength(sequence)}`;
}
