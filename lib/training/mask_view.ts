/** A row's tokens, one a line, and whether each is learnt. */
import type { CheckedRow } from "./check_rows.ts";
import { isCut, keptLength } from "./cuts.ts";

const GREEN = "\x1b[32m", DIM = "\x1b[2m", RESET = "\x1b[0m";

/** The lines; `color` marks learnt tokens with the terminal's green. */
export function* maskLines(
  { row, trained }: CheckedRow,
  options: { color: boolean },
): Generator<string> {
  for (const { side, sequence } of trained.sequences) {
    const { text, ids, starts, ends, learnt } = sequence;
    const kept = keptLength(sequence);
    const count = learnt.filter((isLearnt, index) => isLearnt && !isCut(sequence, index)).length;
    yield `${row.id}${
      side === "" ? "" : `, ${side}`
    }: ${count} of ${ids.length} tokens are learnt` +
      (kept < ids.length ? `, cut to ${kept}` : "");
    for (const [index, id] of ids.entries()) {
      const state = isCut(sequence, index) ? "cut   " : learnt[index] ? "learnt" : "-     ";
      const token = JSON.stringify(text.slice(starts[index], ends[index]));
      const line = `${String(index).padStart(6)} ${String(id).padStart(7)} ${state} ${token}`;
      yield options.color ? `${state === "learnt" ? GREEN : DIM}${line}${RESET}` : line;
    }
  }
}
