/** How good a reply is, by what is known of it: what a reward is held against. */
import type { ScoredRecord, ScoredReply } from "../core/records.ts";
import { NUM_CORRECT } from "../io/records/reward_bench.ts";
import { labelOf, type QuickRule, readLabels } from "./labels.ts";
import { loadRule } from "../model/rule/load_rule.ts";

/** What worth goes by. */
export interface WorthOptions {
  /** A file of labels. */
  labels?: string;
  labelKey: string;
  rule: QuickRule;
  /** Another reward's name in the records, in the place of labels. */
  against?: string;
}

/** The worth of a record's reply: of one with an answer, else null; null where nothing is known. */
export type WorthOf = (
  record: Pick<ScoredRecord, "id" | "extra">,
  reply: Pick<ScoredReply, "index" | "answer" | "scores">,
) => number | null;

/** Throws `InputError` for a file of labels that is none. */
export async function worthBy(
  { labels: file, labelKey, rule: name, against }: WorthOptions,
): Promise<WorthOf> {
  if (against !== undefined) return (_, reply) => reply.scores?.[against] ?? null;
  const labels = file === undefined ? undefined : await readLabels(file, labelKey);
  const rule = await loadRule(name);
  return (record, { answer, index }) => {
    if (answer === null) return null;
    const label = labelOf(record, labels, labelKey);
    if (label !== undefined) return rule(answer, label).score;
    const correct = labels === undefined ? numCorrect(record) : undefined;
    return correct === undefined ? null : index < correct ? 1 : 0;
  };
}

/** How many replies of a record of RewardBench 2 are correct; undefined of any other record. */
export function numCorrect({ extra }: Pick<ScoredRecord, "extra">): number | undefined {
  const count = extra?.[NUM_CORRECT];
  return Number.isSafeInteger(count) ? count as number : undefined;
}
