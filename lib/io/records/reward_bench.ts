/** Rows of RewardBench 2: a prompt with its correct and its incorrect answers. */
import { InputError } from "../../core/errors.ts";
import type { Answer, Extra, PolicyRecord } from "../../core/records.ts";
import { nameOf } from "../prompts/name_of.ts";
import { type Fields, promptOf } from "../prompts/prompt_field.ts";
import type { PublicIds } from "./public_ids.ts";
import { sourceOf } from "../prompts/read_prompts.ts";

/** The kept column that says how many of a record's replies, from the first on, are correct. */
export const NUM_CORRECT = "num_correct";

/** Whether a row has RewardBench 2's lists of answers; DPO rows have turns or one text there. */
export function isRewardBenchRow({ chosen, rejected, responses }: Fields): boolean {
  return responses === undefined && isTexts(chosen) && isTexts(rejected);
}

/**
 * A policy record from a row `{id, prompt, chosen[], rejected[], num_correct, subset, …}` as the
 * dataset allenai/reward-bench-2 has them: the correct answers come first, as they stand, and
 * `extra` says how many they are. Its source is its subset.
 *
 * @throws {InputError} naming the row, the field and the rule.
 */
export function rewardBenchRecord(
  row: Fields,
  { where, stem, ids }: { where: string; stem: string; ids: PublicIds },
): PolicyRecord & { extra: Extra } {
  const prompt = promptOf(row, where);
  const { chosen, rejected, subset } = row as { chosen: string[]; rejected: string[] } & Fields;
  for (const [field, texts] of Object.entries({ chosen, rejected })) {
    if (texts.length === 0) throw new InputError(`${where}: ${field}: must hold an answer`);
  }
  const told = row[NUM_CORRECT] ?? chosen.length;
  if (Number(told) !== chosen.length) {
    throw new InputError(
      `${where}: ${NUM_CORRECT}: is ${told}, but chosen holds ${chosen.length} answers`,
    );
  }
  if (subset !== undefined && typeof subset !== "string") {
    throw new InputError(`${where}: subset: must be text, not ${nameOf(subset)}`);
  }
  return {
    id: ids.of(row, prompt, where),
    source: subset ?? sourceOf(row, stem, where),
    prompt,
    format: "chat",
    model: "reward-bench-2",
    responses: [...chosen, ...rejected].map((text, index) => ({
      index,
      text,
      thought: null,
      answer: text as Answer,
      malformed: null,
      finish_reason: "stop",
      completion_tokens: 0,
    })),
    extra: { [NUM_CORRECT]: chosen.length },
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
