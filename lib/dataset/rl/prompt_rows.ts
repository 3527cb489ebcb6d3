/** Prompts as they wait on disk, and as rows in verl's schema. */
import type { Message } from "../../core/records.ts";
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

/** A prompt as it is to be written. */
export interface PromptRow {
  id: string;
  source: string;
  messages: readonly Message[];
  /** The right answer; "" where there is none. */
  truth: string;
}

/** A prompt as texts: what `promptRow` reads. */
export function promptTexts({ id, source, messages, truth }: PromptRow): string[] {
  return [id, source, truth, ...messages.flatMap(({ role, content }) => [role, content])];
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
