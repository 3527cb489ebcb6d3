/** What went badly in a run: counted, put into words, and told as soon as it is too much. */
import { isOfPrompt } from "../core/reject_reasons.ts";

/** Replies, and those that break their format by the rule, as a stage's tally counts them. */
export interface Malformed {
  replies: number;
  malformed: number;
  byRule: Record<string, number>;
}

/** Name of the tally's count of replies, and how its counts of malformed ones begin. */
const REPLIES = "replies", MALFORMED = "malformed_";

/** The malformed replies in a tally's `extra`; none where the stage counts none. */
export function malformedOf(extra: Record<string, unknown>): Malformed {
  const byRule: Record<string, number> = {};
  let malformed = 0;
  for (const [name, count] of Object.entries(extra)) {
    if (!name.startsWith(MALFORMED) || typeof count !== "number") continue;
    byRule[name.slice(MALFORMED.length)] = count;
    malformed += count;
  }
  return { replies: Number(extra[REPLIES] ?? 0), malformed, byRule };
}

/** Counts by name, the largest first: `missing_tag 12, cut_by_length 3`. */
export function byCount(counts: Record<string, number>): string {
  return Object.entries(counts).filter(([, count]) => count > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count.toLocaleString("en")}`).join(", ");
}

/** `12 of 80 replies malformed (15%: missing_tag 12)`; undefined where none is. */
export function malformedLine({ replies, malformed, byRule }: Malformed): string | undefined {
  if (malformed === 0) return undefined;
  return `${malformed.toLocaleString("en")} of ${replies.toLocaleString("en")} replies malformed ` +
    `(${wholePercent(malformed, replies)}: ${byCount(byRule)})`;
}

/** A share in whole percents, never rounded to none or all of them. */
export function wholePercent(part: number, whole: number): string {
  const share = 100 * part / whole;
  if (share > 0 && share < 1) return "under 1%";
  return share > 99 && share < 100 ? "over 99%" : `${Math.round(share)}%`;
}

/** From which share on a run is told to be going wrong. */
const TOO_MUCH = 0.5;

/** Says once, after some items, that more than half of the replies are of no use. */
export class QualityWatch {
  #kept = 0;
  #rejected = 0;
  readonly #reasons: Record<string, number> = {};
  #said = false;

  /** `after` items this process did. */
  constructor(readonly after: number) {}

  keep(): void {
    this.#kept++;
  }

  /** Prompts that were given up before a model was asked say nothing of the model. */
  reject(reason: string): void {
    if (isOfPrompt(reason)) return;
    this.#rejected++;
    this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
  }

  /** What is wrong, the first time that it is too much; `extra` is this process's tally. */
  verdict(extra: Record<string, number>): string | undefined {
    const items = this.#kept + this.#rejected;
    if (this.#said || items < this.after) return undefined;
    const found = malformedOf(extra);
    const what = found.malformed > TOO_MUCH * found.replies
      ? malformedLine(found)
      : this.#rejected > TOO_MUCH * items
      ? `${this.#rejected} of ${items} prompts rejected (${wholePercent(this.#rejected, items)}: ` +
        `${byCount(this.#reasons)})`
      : undefined;
    this.#said = what !== undefined;
    return what;
  }
}
