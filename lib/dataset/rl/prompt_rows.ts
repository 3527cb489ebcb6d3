/** Prompts as they wait on disk, and as rows in verl's schema. */
import type { Extra, Message } from "../../core/records.ts";
import { type Columns, MESSAGES, type Value } from "../../io/write/columns.ts";
import type { ExtraColumns } from "../../io/write/extra_columns.ts";
import type { RlSettings } from "./rl_options.ts";

/** verl's columns. */
export const RL_COLUMNS: Columns = {
  data_source: "string",
  prompt: MESSAGES,
  ability: "string",
  reward_model: { struct: { style: "string", ground_truth: "string" } },
  extra_info: { struct: { split: "string", index: "int64", id: "string", source: "string" } },
};

/** A prompt as it is to be written. */
export interface PromptRow {
  id: string;
  source: string;
  messages: readonly Message[];
  /** The right answer; "" where there is none. */
  truth: string;
  /** The columns that were kept. */
  extra?: Extra;
}

/** A prompt as texts: what `promptRow` reads. */
export function promptTexts({ id, source, messages, truth, extra }: PromptRow): string[] {
  const turns = messages.flatMap(({ role, content }) => [role, content]);
  return [id, source, truth, JSON.stringify(extra ?? null), ...turns];
}

/** A prompt in verl's columns and those of what was kept, at its place in a split. */
export function promptRow(
  [id, source, truth, kept, ...turns]: readonly Uint8Array[],
  { split, at }: { split: string; at: number },
  { dataSource, ability, groundTruthKey }: RlSettings,
  extra: ExtraColumns,
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
    ...extra.valuesOf(JSON.parse(new TextDecoder().decode(kept)) ?? undefined),
  };
}
