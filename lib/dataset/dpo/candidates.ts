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

/**
 * The replies that are well-formed and scored, in their order; a turn is rendered when it is first
 * asked for.
 */
export function candidatesOf(
  record: ScoredRecord,
  format: Format,
  options: CandidateOptions,
): Candidate[] {
  const candidates: Candidate[] = [];
  for (const reply of record.responses) {
    const score = options.scale.of(reply);
    const model = reply.model ?? record.model;
    const render = score === null ? null : renderer(reply, format, options);
    if (render !== null) {
      candidates.push(new LazyCandidate(reply, { score: score!, model, render }));
    } else if (options.rejectMalformed && reply.malformed !== null && record.format === format) {
      const turn = () => pythonStrip(prefillOf(format) + reply.text);
      if (turn() === "") continue;
      candidates.push(new LazyCandidate(reply, { score: -Infinity, model, render: turn }));
    }
  }
  return candidates;
}

/** What renders a reply, or null where it cannot be written in the format. */
function renderer(
  { thought, answer, malformed }: ScoredReply,
  format: Format,
  { compat }: CandidateOptions,
): (() => string) | null {
  if (malformed !== null || answer === null) return null;
  if (hasThought(format) && thought === null) return null;
  const parts = { thought, answer };
  return faultOf(format, parts) === null ? () => renderReply(format, parts, { compat }) : null;
}

/**
 * A class, since an object written with a getter is of a shape of its own: V8 would keep each one's
 * texts until a full collection.
 */
class LazyCandidate implements Candidate {
  readonly index: number;
  readonly score: number;
  readonly model: string;
  readonly truncated: boolean;
  readonly #render: () => string;
  #turn: string | undefined;

  constructor(
    { index, truncated }: ScoredReply,
    { score, model, render }: { score: number; model: string; render: () => string },
  ) {
    this.index = index;
    this.score = score;
    this.model = model;
    this.truncated = truncated ?? false;
    this.#render = render;
  }

  get turn(): string {
    return this.#turn ??= this.#render();
  }
}
