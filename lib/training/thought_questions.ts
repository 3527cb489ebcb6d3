/** What is asked of an assistant's turn: its thought and its answer. */
import { cutDetail } from "./cuts.ts";
import { missingThought, withoutThought } from "./missing_thought.ts";
import { countIn, type PlacedTurn } from "./places.ts";
import type { Fault } from "./rules.ts";
import type { Sequence } from "./sequence.ts";
import { stateOf } from "./token_places.ts";
import type { Reading } from "./trainer.ts";

/** A thought of fewer characters is met by chance: it is not counted twice. */
const LONG_ENOUGH = 12;

/** The faults of a turn that is to be learnt. */
export function turnFaults(
  turn: PlacedTurn,
  sequence: Sequence,
  { keys, tagsAreText }: Reading,
): Fault[] {
  const { text } = sequence;
  const { thought, answer, key } = turn.parts;
  const faults: Fault[] = [];
  if (answer !== null) {
    const state = turn.answer === null ? "absent" : stateOf(sequence, turn.answer);
    if (state === "cut") {
      faults.push({ rule: "answer_cut", detail: cutDetail(sequence) });
    } else if (state !== "learnt") {
      faults.push({ rule: "answer_not_learnt", detail: WORDS[state] });
    }
  }
  if (thought === null) {
    faults.push(...withoutThought(turn, sequence));
    return faults;
  }
  if (key === "inline" && tagsAreText) {
    const way = keys.size === 0
      ? "has tags of its own"
      : `renders a thought in ${[...keys].join(", ")}`;
    faults.push({ rule: "literal_tag", detail: `the template knows no such tags; it ${way}` });
  }
  const isCopied = key !== null && key !== "inline" && !keys.has(key);
  if (turn.thought !== null && isCopied) {
    faults.push({
      rule: "wrong_key",
      detail: `it stands in ${key}, which the template does not render: this trainer's ` +
        `transformers copies it, earlier ones and servers do not`,
    });
  }
  if (turn.thought === null) {
    faults.push(missingThought(thought, key, text.slice(...turn.region), keys));
    return faults;
  }
  const state = stateOf(sequence, turn.thought);
  if (state === "cut") faults.push({ rule: "thought_cut", detail: cutDetail(sequence) });
  else if (state !== "learnt") faults.push({ rule: "thought_not_learnt", detail: WORDS[state] });
  else if (thought.length >= LONG_ENOUGH) {
    const count = countIn(text, thought, turn.region, turn.answer);
    const inThought = countIn(thought, thought, [0, thought.length], null);
    if (count > inThought) {
      faults.push({ rule: "thought_twice", detail: `${count} times in the turn` });
    }
  }
  return faults;
}

const WORDS = {
  absent: "the trainer's text does not hold it",
  masked: "it is in the text, but not in the loss",
  partly: "only a part of it is in the loss",
} as const;
