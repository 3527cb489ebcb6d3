/** The pairs of a preference dataset, their sides taken apart. */
import { ALL_SPLITS } from "../io/inputs/splits.ts";
import { readRows } from "../io/rows/read_rows.ts";
import type { ShownReply } from "../view/html.ts";
import { marginOf, type PairRow } from "../view/messages.ts";
import { replyParts } from "./reply_parts.ts";

/** A row of a preference dataset, and what its sides hold. */
export interface ReadPair extends PairRow {
  /** Score of chosen less score of rejected; null where a score is not there. */
  margin: number | null;
  /** Thought, answer and score of each side, as `pairHtml` shows them. */
  sides: { chosen: ShownReply; rejected: ShownReply };
}

/**
 * Reads all pairs of a preference dataset: train first, then validation.
 *
 * @param path its folder or files, ours or one of the public layouts.
 * @throws {InputError} where it cannot be read.
 *
 * @example
 * ```ts
 * import { readPairs } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile({ suffix: ".jsonl" });
 * const [chosen, rejected] = ["<think>\na\n</think>\n\nb", "<think>\na\n</think>\n\nc"];
 * const row = { prompt: "q", chosen, rejected, score_chosen: 2, score_rejected: 0.5 };
 * await Deno.writeTextFile(path, JSON.stringify(row) + "\n");
 * const [pair] = await readPairs(path);
 * assert.deepEqual([pair!.margin, pair!.sides.chosen.answer], [1.5, "b"]);
 * await Deno.remove(path);
 * ```
 */
export async function readPairs(path: string): Promise<ReadPair[]> {
  const pairs: ReadPair[] = [];
  for await (const { row } of readRows(path, { split: ALL_SPLITS })) {
    const pair = row as PairRow;
    pairs.push({ ...pair, margin: marginOf(pair), sides: sidesOf(pair) });
  }
  return pairs;
}

/** The sides of a pair, taken apart. */
export function sidesOf(pair: Partial<PairRow>): ReadPair["sides"] {
  const side = (label: "chosen" | "rejected"): ShownReply => {
    const score = pair[`score_${label}`];
    return { label, ...replyParts(pair[label]), score: typeof score === "number" ? score : null };
  };
  return { chosen: side("chosen"), rejected: side("rejected") };
}

/**
 * The numbers of pairs, for charts and tables: margins (NaN where a score is not there), and the
 * answers' lengths in characters without the thoughts, which no reward model saw.
 *
 * @example
 * ```ts
 * import { keptPairs, pairNumbers, readPairs } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile({ suffix: ".jsonl" });
 * const row = { prompt: "q", chosen: "yes", rejected: "no", score_chosen: 2, score_rejected: 0.5 };
 * await Deno.writeTextFile(path, JSON.stringify(row) + "\n");
 * const numbers = pairNumbers(await readPairs(path));
 * assert.deepEqual(numbers, { margins: [1.5], chosenLengths: [3], rejectedLengths: [2] });
 * assert.equal(keptPairs(numbers).title, "Pairs kept by minimum margin");
 * await Deno.remove(path);
 * ```
 */
export function pairNumbers(
  pairs: readonly ReadPair[],
): { margins: number[]; chosenLengths: number[]; rejectedLengths: number[] } {
  return {
    margins: pairs.map(({ margin }) => margin ?? NaN),
    chosenLengths: pairs.map(({ sides }) => sides.chosen.answer.length),
    rejectedLengths: pairs.map(({ sides }) => sides.rejected.answer.length),
  };
}
