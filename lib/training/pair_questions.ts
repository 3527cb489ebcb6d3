/** What is asked of a pair's two sides. */
import { bareText } from "../reply/turn_parts.ts";
import { cutDetail, isCut } from "./cuts.ts";
import type { Fault } from "./rules.ts";
import type { Sequence } from "./sequence.ts";

/** Faults of a pair as such. */
export function pairFaults(chosen: Sequence, rejected: Sequence): Fault[] {
  const learntOf = ({ ids, learnt }: Sequence) => ids.filter((_, index) => learnt[index]).join();
  const keptOf = (side: Sequence) =>
    side.ids.filter((_, index) => side.learnt[index] && !isCut(side, index)).join();
  if (learntOf(chosen) === learntOf(rejected)) {
    return [{ rule: "sides_equal", detail: "the pair teaches nothing" }];
  }
  if (keptOf(chosen) === keptOf(rejected)) {
    return [{ rule: "sides_equal_cut", detail: cutDetail(chosen) }];
  }
  const bare = ({ text, learnt, starts }: Sequence) =>
    bareText(text.slice(starts[learnt.indexOf(true)] ?? text.length));
  if (bare(chosen) === bare(rejected)) {
    return [{ rule: "sides_differ_in_form", detail: "the words are the same" }];
  }
  return [];
}
