/** What a trainer makes of a chat: tokens, and which of them it learns. */
import { type Cut, cutAfter } from "./cuts.ts";

/** A text's tokens, and where each stands in it, in UTF-16 units. */
export interface Encoded {
  ids: number[];
  starts: number[];
  ends: number[];
}

/** Tokens in their order, with the text that they were made from. */
export interface Sequence extends Encoded {
  text: string;
  /** Whether a token is in the loss, before anything is cut. */
  learnt: boolean[];
  /** The tokens that the trainer cuts away. */
  cuts: readonly Cut[];
  /** Labels that are not the token's own id, by index. */
  labels?: ReadonlyMap<number, number>;
}

/** A sequence of a text of which the tokens from `from` on are learnt, cut to `max` tokens. */
export function sequenceFrom(text: string, encoded: Encoded, from: number, max: number): Sequence {
  return sequenceOf(text, encoded, encoded.ids.map((_, index) => index >= from), max);
}

/** A sequence of a text, of each token whether it is learnt. */
export function sequenceOf(
  text: string,
  encoded: Encoded,
  learnt: boolean[],
  max: number,
): Sequence {
  return { text, ...encoded, learnt, cuts: cutAfter(encoded.ids.length, max) };
}

/** Texts that were encoded by themselves, one after the other; nothing is cut. */
export function joined(
  parts: readonly { text: string; encoded: Encoded; isLearnt: (index: number) => boolean }[],
): Sequence {
  const all: Sequence = { text: "", ids: [], starts: [], ends: [], learnt: [], cuts: [] };
  for (const { text, encoded, isLearnt } of parts) {
    const at = all.text.length;
    for (const [index, id] of encoded.ids.entries()) {
      all.ids.push(id);
      all.starts.push(encoded.starts[index]! + at);
      all.ends.push(encoded.ends[index]! + at);
      all.learnt.push(isLearnt(index));
    }
    all.text += text;
  }
  return all;
}

/** A part of an encoding, its places counted from the part's own beginning. */
export function sliceOf({ ids, starts, ends }: Encoded, from: number, at: number): Encoded {
  return {
    ids: ids.slice(from),
    starts: starts.slice(from).map((start) => Math.max(0, start - at)),
    ends: ends.slice(from).map((end) => Math.max(0, end - at)),
  };
}

/** How many ids two lists, or characters two texts, begin with in common. */
export function commonPrefix<T>(one: ArrayLike<T>, other: ArrayLike<T>): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at;
  return length;
}
