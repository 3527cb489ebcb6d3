/** Prompts on disk until the permutation is known, and their rows in verl's schema. */
import type { Extra, Message } from "../../core/records.ts";
import { type Columns, MESSAGES, type Value } from "../../io/columns.ts";
import type { ExtraColumns } from "../../io/extra_columns.ts";
import { RowSpool } from "../../io/row_spool.ts";
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

/** Keeps prompts by number; a few bytes of memory each. */
export class PromptSpool {
  readonly #spool: RowSpool;

  constructor(path: string) {
    this.#spool = new RowSpool(path);
  }

  append({ id, source, messages, truth, extra }: PromptRow): void {
    const turns = messages.flatMap(({ role, content }) => [role, content]);
    this.#spool.append([id, source, truth, JSON.stringify(extra ?? null), ...turns]);
  }

  /** A prompt in verl's columns and those of what was kept, at its place in a split. */
  row(
    index: number,
    { split, at, options, extra }: {
      split: string;
      at: number;
      options: RlSettings;
      extra: ExtraColumns;
    },
  ): Record<string, Value> {
    const [id, source, truth, kept, ...turns] = this.#spool.read(index);
    const prompt: Record<string, Value>[] = [];
    for (let turn = 0; turn < turns.length; turn += 2) {
      prompt.push({ role: turns[turn]!, content: turns[turn + 1]! });
    }
    const style = options.groundTruthKey === undefined ? "model" : "rule";
    return {
      data_source: options.dataSource,
      prompt,
      ability: options.ability,
      reward_model: { style, ground_truth: truth! },
      extra_info: { split, index: at, id: id!, source: source! },
      ...extra.valuesOf(JSON.parse(new TextDecoder().decode(kept)) ?? undefined),
    };
  }

  close(): void {
    this.#spool.close();
  }
}
