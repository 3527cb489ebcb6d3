/** A row's tokens, and whether each is learnt: as data, and as lines of a terminal. */
import type { CheckedRow } from "./check_rows.ts";
import { isCut, keptLength } from "./cuts.ts";
import type { TrainedSequence } from "./trainer.ts";

/** A token as a person reads it. */
export interface MaskedToken {
  id: number;
  text: string;
  /** `read` is in the sequence and not in the loss, `cut` is gone. */
  state: "learnt" | "read" | "cut";
}

/** A sequence's tokens, and how many of them are learnt. */
export interface MaskedSequence {
  side: TrainedSequence["side"];
  learnt: number;
  /** Tokens that are left after the trainer has cut. */
  kept: number;
  tokens: MaskedToken[];
}

/** The tokens of a row's sequences. */
export function maskOf({ trained }: CheckedRow): MaskedSequence[] {
  return trained.sequences.map(({ side, sequence }) => {
    const { text, ids, starts, ends, learnt } = sequence;
    const tokens = ids.map((id, index): MaskedToken => ({
      id,
      text: text.slice(starts[index], ends[index]),
      state: isCut(sequence, index) ? "cut" : learnt[index] ? "learnt" : "read",
    }));
    const count = tokens.filter(({ state }) => state === "learnt").length;
    return { side, learnt: count, kept: keptLength(sequence), tokens };
  });
}

const GREEN = "\x1b[32m", DIM = "\x1b[2m", RESET = "\x1b[0m";
const WORDS = { learnt: "learnt", read: "-     ", cut: "cut   " };

/** The lines; `color` marks learnt tokens with the terminal's green. */
export function* maskLines(checked: CheckedRow, options: { color: boolean }): Generator<string> {
  for (const { side, learnt, kept, tokens } of maskOf(checked)) {
    yield `${checked.row.id}${
      side === "" ? "" : `, ${side}`
    }: ${learnt} of ${tokens.length} tokens are learnt` +
      (kept < tokens.length ? `, cut to ${kept}` : "");
    for (const [index, { id, text, state }] of tokens.entries()) {
      const place = `${String(index).padStart(6)} ${String(id).padStart(7)}`;
      const line = `${place} ${WORDS[state]} ${JSON.stringify(text)}`;
      yield options.color ? `${state === "learnt" ? GREEN : DIM}${line}${RESET}` : line;
    }
  }
}
