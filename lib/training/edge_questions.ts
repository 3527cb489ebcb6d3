/** What is asked of a sequence's beginning and end. */
import { cutDetail, isCut } from "./cuts.ts";
import type { PlacedTurn } from "./places.ts";
import type { Fault } from "./rules.ts";
import type { Sequence } from "./sequence.ts";
import { firstAt } from "./token_places.ts";
import type { TrainingTokenizer } from "./trainer.ts";

/** Whether the turn ends with a token that is learnt and that ends replies. */
export function endFaults(
  { answer, thought, region }: PlacedTurn,
  sequence: Sequence,
  { special, ends, eos }: TrainingTokenizer,
): Fault[] {
  const { ids, learnt, starts } = sequence;
  const from = answer?.[1] ?? thought?.[1] ?? region[0];
  const after: number[] = [];
  for (let index = firstAt(starts, from); index < ids.length; index++) {
    if (special.has(ids[index]!)) after.push(index);
  }
  const [first] = after;
  if (first === undefined) return [{ rule: "end_missing", detail: "no special token after it" }];
  if (!learnt[first]) return [{ rule: "end_not_learnt", detail: "masked" }];
  if (isCut(sequence, first)) {
    // Where the answer is cut too, that is what is told.
    const before = Math.max(0, firstAt(starts, from) - 1);
    return isCut(sequence, before) ? [] : [{ rule: "end_not_learnt", detail: cutDetail(sequence) }];
  }
  if (eos !== null && !ends.has(ids[first]!)) {
    const name = sequence.text.slice(starts[first], sequence.ends[first]);
    return [{ rule: "end_not_eos", detail: `${name} ends the turn` }];
  }
  const learntEnds = after.filter((index) => ends.has(ids[index]!) && learnt[index]);
  if (learntEnds.length > 1) {
    return [{ rule: "end_twice", detail: `${learntEnds.length} tokens that end it` }];
  }
  return [];
}

/** Whether it begins with one BOS, where the tokenizer has one. */
export function beginFaults({ ids }: Sequence, { bos, eos, addsBos }: TrainingTokenizer): Fault[] {
  // Where BOS and EOS are one token, as in some of Qwen's folders, it is no BOS.
  if (bos === null || bos === eos) return [];
  let count = 0;
  while (ids[count] === bos) count++;
  if (count > 1) return [{ rule: "two_bos", detail: `${count} at the beginning` }];
  if (count === 0 && addsBos) return [{ rule: "no_bos", detail: "the template writes none" }];
  return [];
}
