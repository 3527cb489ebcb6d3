/** Which of a record's replies may be paired, and by which score. */
import type { Format, ScoredRecord, ScoredReply } from "../../core/records.ts";
import { faultOf, hasThought, prefillOf, renderReply } from "../../reply/format.ts";
import { pythonStrip } from "../../reply/python_strip.ts";
import type { Candidate } from "./pair_rules.ts";
import type { ScoreScale } from "./score_scale.ts";

/** How replies become candidates. */
export interface CandidateOptions {
  /** Which of several reward models' scores counts, or how they are combined. */
  scale: ScoreScale;
  compat?: "rlmt";
  /** Malformed replies are candidates too, below all others, in the text that was sampled. */
  rejectMalformed?: boolean;
}

/** The replies that are well-formed and scored, in their order. */
export function candidatesOf(
  record: ScoredRecord,
  format: Format,
  options: CandidateOptions,
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const reply of record.responses) {
    const score = options.scale.of(reply);
    const own = {
      index: reply.index,
      model: reply.model ?? record.model,
      truncated: reply.truncated ?? false,
    };
    const turn = score === null ? null : turnOf(reply, format, options);
    if (turn !== null) {
      candidates.push({ ...own, score: score!, turn });
    } else if (options.rejectMalformed && reply.malformed !== null && record.format === format) {
      const sampled = pythonStrip(prefillOf(format) + reply.text);
      if (sampled !== "") candidates.push({ ...own, score: -Infinity, turn: sampled });
    }
  }
  return candidates;
}

/** The reply as a turn, or null where it cannot be written in the format. */
function turnOf(
  { thought, answer, malformed }: ScoredReply,
  format: Format,
  { compat }: CandidateOptions,
): string | null {
  if (malformed !== null || answer === null) return null;
  if (hasThought(format) && thought === null) return null;
  const parts = { thought, answer };
  return faultOf(format, parts) === null ? renderReply(format, parts, { compat }) : null;
}
