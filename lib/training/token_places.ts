/** The tokens of a place in a sequence's text, and whether they are learnt. */
import { isCut } from "./cuts.ts";
import type { Span } from "./places.ts";
import type { Sequence } from "./sequence.ts";

/** Whether the tokens of a span are in the loss. A token that reaches into it belongs to it. */
export function stateOf(
  sequence: Sequence,
  [from, to]: Span,
): "learnt" | "masked" | "partly" | "cut" {
  const { learnt } = sequence;
  let yes = 0, all = 0, cut = false;
  for (const index of tokensIn(sequence, [from, to])) {
    all++;
    if (isCut(sequence, index)) cut = true;
    if (learnt[index]) yes++;
  }
  // The first token may hold the end of what stands before it.
  if (yes < all - 1 || yes === 0) return yes === 0 ? "masked" : "partly";
  return cut ? "cut" : yes === all ? "learnt" : "partly";
}

/** The tokens that reach into a span, by index. */
export function tokensIn({ starts, ends }: Sequence, [from, to]: Span): number[] {
  const found: number[] = [];
  let index = firstAt(starts, from);
  while (index > 0 && ends[index - 1]! > from) index--;
  for (; index < starts.length && starts[index]! < to; index++) {
    if (ends[index]! > from) found.push(index);
  }
  return found;
}

/** The first token that begins at a place or after it. */
export function firstAt(starts: readonly number[], place: number): number {
  return countWhile(starts, (start) => start < place);
}

/** How many of the first values hold, of values that hold up to a place. */
export function countWhile(values: readonly number[], holds: (value: number) => boolean): number {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(values[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
