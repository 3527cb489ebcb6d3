/** Which of a record's replies may be paired, and by which score. */
import type { Format, ScoredRecord } from "../../core/records.ts";
import { faultOf, hasThought, renderReply } from "../../reply/format.ts";
import type { Candidate } from "./dpo_pairs.ts";
import type { ScoreScale } from "./score_scale.ts";

/**
 * The replies that are well-formed and scored, in their order; a turn is rendered when it is first
 * asked for.
 *
 * @param options.scale which of several reward models' scores counts, or how they are combined.
 */
export function candidatesOf(
  record: ScoredRecord,
  format: Format,
  options: { scale: ScoreScale; compat?: "rlmt" },
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const reply of record.responses) {
    const { index, thought, answer, malformed } = reply;
    const score = options.scale.of(reply);
    if (malformed !== null || answer === null || score === null) continue;
    if (hasThought(format) && thought === null) continue;
    const parts = { thought, answer };
    if (faultOf(format, parts) !== null) continue;
    const render = () => renderReply(format, parts, options);
    candidates.push(new LazyCandidate(index, score, reply.truncated ?? false, render));
  }
  return candidates;
}

/**
 * A class, since an object written with a getter is of a shape of its own: V8 would keep each one's
 * texts until a full collection.
 */
class LazyCandidate implements Candidate {
  readonly index: number;
  readonly score: number;
  readonly truncated: boolean;
  readonly #render: () => string;
  #turn: string | undefined;

  constructor(index: number, score: number, truncated: boolean, render: () => string) {
    this.index = index;
    this.score = score;
    this.truncated = truncated;
    this.#render = render;
  }

  get turn(): string {
    return this.#turn ??= this.#render();
  }
}
