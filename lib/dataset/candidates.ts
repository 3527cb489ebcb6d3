/** Which of a record's replies may be paired, and by which score. */
import type { Format, ScoredRecord, ScoredReply } from "../core/records.ts";
import { faultOf, hasThought, renderReply } from "../reply/format.ts";
import type { Candidate } from "./dpo_pairs.ts";

/**
 * The replies that are well-formed and scored, in their order; a turn is rendered when it is first
 * asked for.
 *
 * @param options.score `score`, `mean` or `min` over several reward models, or the name of one.
 */
export function candidatesOf(
  record: ScoredRecord,
  format: Format,
  options: { score: string; compat?: "rlmt" },
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const reply of record.responses) {
    const { index, thought, answer, malformed } = reply;
    const score = scoreOf(reply, options.score);
    if (malformed !== null || answer === null || score === null) continue;
    if (hasThought(format) && thought === null) continue;
    const parts = { thought, answer };
    if (faultOf(format, parts) !== null) continue;
    let turn: string | undefined;
    candidates.push({
      index,
      score,
      get turn() {
        return turn ??= renderReply(format, parts, options);
      },
    });
  }
  return candidates;
}

function scoreOf(reply: ScoredReply, name: string): number | null {
  const { score, scores } = reply;
  if (name === "score") return score;
  if (name !== "mean" && name !== "min") return scores?.[name] ?? null;
  const all = Object.values(scores ?? { score });
  if (all.length === 0 || all.includes(null)) return null;
  const numbers = all as number[];
  if (name === "min") return Math.min(...numbers);
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
