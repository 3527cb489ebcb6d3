/** Which pair a prompt's replies become, and why the others do not, by the builder's own rules. */
import { REJECT_REASONS } from "../core/reject_reasons.ts";
import type { ScoredRecord, ScoredReply } from "../core/records.ts";
import { candidatesOf } from "../dataset/dpo/candidates.ts";
import { BuildDpoOptions, type DpoSettings } from "../dataset/dpo/dpo_options.ts";
import { choosePairs, rlmtPair } from "../dataset/dpo/dpo_pairs.ts";
import type { Candidate, NoPair, PairRules } from "../dataset/dpo/pair_rules.ts";
import { ScoreScale } from "../dataset/dpo/score_scale.ts";
import { MALFORMED, type MalformedReason } from "../reply/malformed.ts";

/** How `build-dpo` would choose. `format` is what is written; the record's own where not given. */
export type PairingRules =
  & PairRules
  & Pick<DpoSettings, "minResponses" | "score" | "rejectMalformed" | "compat" | "format">;

/** What became of a prompt's replies. */
export interface Pairing {
  /** Indices of the replies. */
  pairs: { chosen: number; rejected: number; margin: number }[];
  /** Why there is no pair; null where there is. */
  reason: NoPair | "too_few_responses" | null;
}

/** A prompt's pairing, and what it says of each reply. */
export interface Paired {
  pairing: Pairing;
  /** Why each reply is in no pair; null for one that is. */
  whys: (string | null)[];
}

/** The rules of a `build-dpo` run by its manifest's options, or those without any flag. */
export function pairingRules(options: Record<string, unknown> = {}): PairingRules {
  const parsed = BuildDpoOptions.safeParse({ ...options, in: "-", out: "-", tokenizer: "-" });
  return parsed.success ? parsed.data : pairingRules();
}

/** The rules in words. */
export function rulesInWords(rules: PairingRules): string {
  const { strategy, minResponses, minMargin, maxLengthRatio, pairModels = "any" } = rules;
  if (rules.compat) return `highest and lowest score (--compat ${rules.compat})`;
  const words = [strategy, `at least ${minResponses} scored replies`];
  if (minMargin !== undefined) words.push(`margin at least ${minMargin}`);
  if (maxLengthRatio !== undefined) words.push(`length ratio ${maxLengthRatio}`);
  if (rules.lengthMatched) words.push("length matched");
  if (pairModels !== "any") words.push(`of ${pairModels} models`);
  if (rules.rejectMalformed) words.push("malformed replies may be rejected");
  if (rules.score !== "score") words.push(`by ${scoreInWords(rules)}`);
  return words.join(", ");
}

/** The score that pairs go by. */
export function scoreInWords({ score }: PairingRules): string {
  return score === "mean" || score === "min" ? `${score} of all, standardized` : score;
}

/** Pairs records by rules; where scores are standardized first, all replies are added before. */
export class Pairer {
  readonly rules: PairingRules;
  readonly #scale: ScoreScale;

  constructor(rules: PairingRules) {
    this.rules = rules;
    this.#scale = new ScoreScale(rules.score);
  }

  /** Whether all replies must be added before any is paired. */
  get needsAll(): boolean {
    return this.#scale.needsAll;
  }

  add({ responses }: ScoredRecord): void {
    for (const reply of responses) this.#scale.add(reply);
  }

  /** The score that a reply's pairs go by, where it is not the reply's own score alone. */
  scoreOf(reply: ScoredReply): number | null {
    return this.rules.score === "score" ? null : this.#scale.of(reply);
  }

  /** The pairs of a record by the rules, or those that it is `given` with. */
  pair(record: ScoredRecord, given?: Pairing): Paired {
    const { rejectMalformed, compat, format = record.format } = this.rules;
    const scale = this.#scale;
    const candidates = candidatesOf(record, format, { scale, compat, rejectMalformed });
    const pairing = given ?? pairingAmong(record.id, candidates, this.rules);
    return { pairing, whys: whyNot(record, candidates, pairing, this.rules) };
  }
}

function pairingAmong(id: string, candidates: Candidate[], rules: PairingRules): Pairing {
  const scored = candidates.filter(({ score }) => score > -Infinity).length;
  if (scored < rules.minResponses) return { pairs: [], reason: "too_few_responses" };
  const { pairs, reason } = rules.compat
    ? { pairs: [rlmtPair(candidates)], reason: null }
    : choosePairs(id, candidates, rules);
  return {
    reason,
    pairs: pairs.map(({ chosen, rejected }) => (
      { chosen: chosen.index, rejected: rejected.index, margin: chosen.score - rejected.score }
    )),
  };
}

function whyNot(
  { format, responses }: ScoredRecord,
  candidates: readonly Candidate[],
  { pairs, reason }: Pairing,
  { strategy }: PairingRules,
): (string | null)[] {
  const find = (index: number) => candidates.find((candidate) => candidate.index === index);
  const chosen = find(pairs[0]?.chosen ?? -1), rejected = find(pairs[0]?.rejected ?? -1);
  const paired = new Set(pairs.flatMap((pair) => [pair.chosen, pair.rejected]));
  return responses.map(({ index, malformed, score }) => {
    if (paired.has(index)) return null;
    if (malformed !== null) {
      return `malformed: ${MALFORMED[malformed as MalformedReason] ?? malformed}`;
    }
    if (score === null) return "it has no score";
    const own = find(index);
    if (own === undefined) return `it cannot be written as ${format}`;
    if (reason !== null) return `the prompt gives no pair: ${REJECT_REASONS[reason]}`;
    if (!chosen || !rejected) return "another pair was taken";
    if (own.score === chosen.score) {
      return own.turn === chosen.turn
        ? "the same text as the chosen one"
        : "as good as the chosen one, and sampled later";
    }
    if (own.score < rejected.score) return "worse than the rejected one, but a rule leaves it out";
    if (own.score === rejected.score) return "as bad as the rejected one";
    return `between the two (${strategy})`;
  });
}
