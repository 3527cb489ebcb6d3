/** Prompts with their right answers: as they are read, wait on disk, and are rows in verl's schema. */
import { InputError } from "../../core/errors.ts";
import type { LocatedPrompt } from "../../io/prompts/read_prompts.ts";
import { type Columns, MESSAGES, type Value } from "../../io/write/columns.ts";
import type { SpooledRow } from "../build/spooled_rows.ts";
import type { RlSettings } from "./rl_options.ts";

/** verl's columns. */
export const RL_COLUMNS: Columns = {
  data_source: "string",
  prompt: MESSAGES,
  ability: "string",
  reward_model: { struct: { style: "string", ground_truth: "string" } },
  extra_info: { struct: { split: "string", index: "int64", id: "string", source: "string" } },
};

/** A prompt with its right answer, which is null where the row lacks it. */
export type RlPrompt = LocatedPrompt & { truth: string | null };

/** The right answer as text; "" where no column was named, null where the row lacks it. */
export function groundTruth(
  row: Record<string, unknown>,
  key: string | undefined,
  where: string,
): string | null {
  if (key === undefined) return "";
  const value = row[key];
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new InputError(`${where}: ${key}: must be text or a number`);
}

/** A prompt as texts: what `promptRow` reads. */
export function promptTexts({ id, source, messages, truth }: RlPrompt): string[] {
  return [id, source, truth!, ...messages.flatMap(({ role, content }) => [role, content])];
}

/** A prompt in verl's columns, at its place in a split. */
export function promptRow(
  { texts: [id, source, truth, ...turns], split, at }: SpooledRow,
  { dataSource, ability, groundTruthKey }: RlSettings,
): Record<string, Value> {
  const prompt: Record<string, Value>[] = [];
  for (let turn = 0; turn < turns.length; turn += 2) {
    prompt.push({ role: turns[turn]!, content: turns[turn + 1]! });
  }
  const style = groundTruthKey === undefined ? "model" : "rule";
  return {
    data_source: dataSource,
    prompt,
    ability,
    reward_model: { style, ground_truth: truth! },
    extra_info: { split, index: at, id: id!, source: source! },
  };
}
