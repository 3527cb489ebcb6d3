/** Which pair a prompt's replies become, and why the others do not, by the builder's own rules. */
import { REJECT_REASONS } from "../core/reject_reasons.ts";
import type { ScoredRecord } from "../core/records.ts";
import { candidatesOf } from "../dataset/dpo/candidates.ts";
import { BuildDpoOptions } from "../dataset/dpo/dpo_options.ts";
import { choosePairs } from "../dataset/dpo/dpo_pairs.ts";
import type { Candidate, NoPair, PairRules } from "../dataset/dpo/pair_rules.ts";
import { ScoreScale } from "../dataset/dpo/score_scale.ts";
import { MALFORMED, type MalformedReason } from "../reply/malformed.ts";

/** How `build-dpo` would choose. */
export interface PairingRules extends PairRules {
  minResponses: number;
  /** Which score counts. */
  score: string;
}

/** What became of a prompt's replies. */
export interface Pairing {
  /** Indices of the replies. */
  pairs: { chosen: number; rejected: number; margin: number }[];
  /** Why there is no pair; null where there is. */
  reason: NoPair | "too_few_responses" | null;
}

/** The rules of a `build-dpo` run by its manifest's options, or those without any flag. */
export function pairingRules(options: Record<string, unknown> = {}): PairingRules {
  const parsed = BuildDpoOptions.safeParse({ ...options, in: "-", out: "-", tokenizer: "-" });
  if (!parsed.success) return pairingRules();
  const given = parsed.data;
  // Standardized scores need all replies first: such a build's pairs are shown by the first score.
  const score = given.score === "mean" || given.score === "min" ? "score" : given.score;
  return {
    strategy: given.strategy,
    minMargin: given.minMargin,
    maxLengthRatio: given.maxLengthRatio,
    lengthMatched: given.lengthMatched,
    pairs: given.pairs,
    threshold: given.threshold,
    seed: given.seed,
    minResponses: given.minResponses,
    score,
  };
}

/** The rules in words. */
export function rulesInWords(rules: PairingRules): string {
  const words = [rules.strategy, `at least ${rules.minResponses} scored replies`];
  if (rules.minMargin !== undefined) words.push(`margin at least ${rules.minMargin}`);
  if (rules.maxLengthRatio !== undefined) words.push(`length ratio ${rules.maxLengthRatio}`);
  if (rules.lengthMatched) words.push("length matched");
  if (rules.score !== "score") words.push(`by ${rules.score}`);
  return words.join(", ");
}

/** The pairs of a scored record. */
export function pairingOf(record: ScoredRecord, rules: PairingRules): Pairing {
  const candidates = candidatesOf(record, record.format, { scale: new ScoreScale(rules.score) });
  return pairingAmong(record.id, candidates, rules);
}

function pairingAmong(id: string, candidates: Candidate[], rules: PairingRules): Pairing {
  if (candidates.length < rules.minResponses) return { pairs: [], reason: "too_few_responses" };
  const { pairs, reason } = choosePairs(id, candidates, rules);
  return {
    reason,
    pairs: pairs.map(({ chosen, rejected }) => (
      { chosen: chosen.index, rejected: rejected.index, margin: chosen.score - rejected.score }
    )),
  };
}

/** Why each reply of a record is in no pair, in words; null for one that is. */
export function whyNot(
  record: ScoredRecord,
  { pairs, reason }: Pairing,
  rules: PairingRules,
): (string | null)[] {
  const candidates = candidatesOf(record, record.format, { scale: new ScoreScale(rules.score) });
  const find = (index: number) => candidates.find((candidate) => candidate.index === index);
  const chosen = find(pairs[0]?.chosen ?? -1), rejected = find(pairs[0]?.rejected ?? -1);
  const paired = new Set(pairs.flatMap((pair) => [pair.chosen, pair.rejected]));
  return record.responses.map(({ index, malformed, score }) => {
    if (paired.has(index)) return null;
    if (malformed !== null) {
      return `malformed: ${MALFORMED[malformed as MalformedReason] ?? malformed}`;
    }
    if (score === null) return "it has no score";
    const own = find(index);
    if (own === undefined) return `it cannot be written as ${record.format}`;
    if (reason !== null) return `the prompt gives no pair: ${REJECT_REASONS[reason]}`;
    if (!chosen || !rejected) return "another pair was taken";
    if (own.score === chosen.score) {
      return own.turn === chosen.turn
        ? "the same text as the chosen one"
        : "as good as the chosen one, and sampled later";
    }
    if (own.score < rejected.score) return "worse than the rejected one, but a rule leaves it out";
    if (own.score === rejected.score) return "as bad as the rejected one";
    return `between the two (${rules.strategy})`;
  });
}
