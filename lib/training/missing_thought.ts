/** A thought that a sequence lacks: lost from the row, or never there. */
import { bareText, thoughtTags } from "../reply/turn_parts.ts";
import type { PlacedTurn, Span } from "./places.ts";
import type { Fault } from "./rules.ts";
import type { Sequence } from "./sequence.ts";
import { tokensIn } from "./token_places.ts";

/** A thought that the text does not hold as it stands in the row. */
export function missingThought(
  thought: string,
  key: string | null,
  text: string,
  inKeys: ReadonlySet<string>,
): Fault {
  const keys = inKeys.size === 0 ? "no key of a message" : [...inKeys].join(", ");
  const bare = bareText(text);
  if (bare.includes(bareText(thought))) {
    return { rule: "thought_altered", detail: "other white space than in the row" };
  }
  const [head, tail] = [thought.slice(0, 40), thought.slice(-40)];
  if (thought.length > 80 && (text.includes(head) || text.includes(tail))) {
    return { rule: "thought_altered", detail: "only a part of it stands there as in the row" };
  }
  if (key !== null && key !== "inline" && !inKeys.has(key)) {
    return { rule: "wrong_key", detail: `it stands in ${key}; the template renders ${keys}` };
  }
  return { rule: "thought_not_learnt", detail: "the trainer's text does not hold it" };
}

/** What a turn without a thought teaches of thinking. */
export function withoutThought({ region, answer }: PlacedTurn, sequence: Sequence): Fault[] {
  const { text, learnt } = sequence;
  const before: Span = [region[0], answer?.[0] ?? region[1]];
  let masked = "", taught = "";
  for (const index of tokensIn(sequence, before)) {
    const piece = text.slice(sequence.starts[index], sequence.ends[index]);
    if (learnt[index]) taught += piece;
    else masked += piece;
  }
  const was = thoughtTags(masked), is = thoughtTags(taught);
  if (is === "both") return [{ rule: "empty_thought", detail: "opened and closed in the loss" }];
  if (is === "closes") {
    return [{ rule: "closes_thought", detail: "a thought that the prompt has opened" }];
  }
  if (was === "opens" && is === "none") {
    return [{ rule: "inside_thought", detail: "the prompt ends in an open thought" }];
  }
  return [];
}
