/** A policy's record with rewards: every well-formed reply scored by every reward model. */
import { ModelError } from "../core/errors.ts";
import type { PolicyRecord, ScoredRecord } from "../core/records.ts";
import { hasLoneSurrogate } from "../io/prompts/messages.ts";
import type { RewardModel, Score, ScoringItem } from "../model/reward_model.ts";
import type { ItemOutcome } from "../run/run_stage.ts";
import type { Combination } from "./combine.ts";

/** The answers of a record, as reward models take them. */
export function scoringItems({ id, prompt, responses, extra }: PolicyRecord): ScoringItem[] {
  return responses.flatMap(({ answer }) =>
    answer === null ? [] : [{ id, prompt, answer, ...(extra ? { extra } : {}) }]
  );
}

/** The record with its scores, or why it can have none. Throws `ModelError`. */
export async function scoredRecord(
  record: PolicyRecord & { where?: string },
  models: readonly RewardModel[],
  combination: Combination,
  options: { maxLength: number; signal: AbortSignal },
): Promise<ItemOutcome<ScoredRecord>> {
  const { where: _where, key: _key, ...fields } = record;
  const fault = textFault(record);
  if (fault !== null) return { reject: { reason: "invalid_unicode", detail: fault } };
  const items = scoringItems(record);
  const byModel = await Promise.all(
    models.map((model) => items.length > 0 ? model.score(items, options) : []),
  );
  const odd = byModel.findIndex((scores) => scores.length !== items.length);
  if (odd >= 0) {
    const { length } = byModel[odd]!;
    throw new Error(`${models[odd]!.name}: gave ${length} scores for ${items.length} answers`);
  }
  const names = models.map(({ name }) => name);
  let next = 0;
  const responses = record.responses.map((response) => {
    if (response.answer === null) return { ...response, score: null };
    const at = next++;
    const each = byModel.map((scores) => scores[at]!);
    const wrong = each.find(({ score }) => score !== null && !Number.isFinite(score));
    if (wrong) {
      throw new ModelError("reject", `reply ${response.index}: the reward is ${wrong.score}`, {
        reason: "not_finite",
      });
    }
    const scores = Object.fromEntries(names.map((name, model) => [name, each[model]!.score]));
    return {
      ...response,
      score: combination.score(scores),
      ...(models.length > 1 ? { scores } : {}),
      ...(each.some(({ truncated }) => truncated) ? { truncated: true } : {}),
      ...words("unread", names, each.map(({ unread }) => unread)),
      ...words("reasons", names, each.map(({ reason }) => reason)),
    };
  });
  return { record: { ...fields, responses, reward_model: combination.name } };
}

/** What reward models said of a reply, by their names; nothing where none said anything. */
function words<K extends string>(
  field: K,
  names: readonly string[],
  said: readonly Score["reason"][],
): Partial<Record<K, Record<string, string>>> {
  const entries = names.flatMap((name, at) => said[at] === undefined ? [] : [[name, said[at]]]);
  if (entries.length === 0) return {};
  return { [field]: Object.fromEntries(entries) } as Record<K, Record<string, string>>;
}

/** Which text has half a surrogate pair in it, and so no UTF-8 form that a model could be sent. */
function textFault({ id, source, prompt, responses }: PolicyRecord): string | null {
  if (!id.isWellFormed() || !source.isWellFormed()) return "half a surrogate pair in id or source";
  if (hasLoneSurrogate(prompt)) return "half a surrogate pair in the prompt";
  const reply = responses.find(({ answer }) => answer !== null && !answer.isWellFormed());
  return reply === undefined ? null : `reply ${reply.index}: half a surrogate pair in its answer`;
}
