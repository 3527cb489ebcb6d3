/** Every reply and score of a DPO dataset's prompts, published beside its pairs. */
import type { ScoredRecord } from "../../core/records.ts";
import { type Columns, MESSAGES } from "../../io/write/columns.ts";
import { jsonForm, type MessageForm, plainForm } from "../../io/write/message_values.ts";
import type { BuildFolder } from "../build/build_folder.ts";
import { ConfigWriter, type DatasetConfig } from "../build/dataset_config.ts";

/** One row a prompt, pairs or none. */
const ALL_RESPONSES_COLUMNS: Columns = {
  id: "string",
  source: "string",
  prompt: MESSAGES,
  format: "string",
  model: "string",
  reward_model: "string",
  responses: {
    list: {
      struct: {
        index: "int64",
        text: "string",
        thought: "string",
        answer: "string",
        malformed: "string",
        finish_reason: "string",
        completion_tokens: "int64",
        score: "float64",
      },
    },
  },
};

/** Writes the configuration `all_responses`. */
export class AllResponses {
  readonly #writer: ConfigWriter;
  readonly #form: MessageForm;

  constructor(folder: BuildFolder) {
    const form = this.#form = folder.json ? jsonForm : plainForm();
    const columns = { ...ALL_RESPONSES_COLUMNS, prompt: form.type, ...form.columns };
    const config = { name: "all_responses", columns };
    this.#writer = new ConfigWriter(folder, config, ["train"]);
  }

  /** Throws `ToolsFound` where the record needs JSON. */
  async write(record: ScoredRecord): Promise<void> {
    const { id, source, prompt, tools, format, model, reward_model } = record;
    const responses = record.responses.map((reply) => ({
      index: reply.index,
      text: reply.text,
      thought: reply.thought,
      answer: reply.answer,
      malformed: reply.malformed,
      finish_reason: reply.finish_reason,
      completion_tokens: reply.completion_tokens,
      score: reply.score,
    }));
    const turns = { prompt: this.#form.values(prompt), ...this.#form.toolValues(tools) };
    const row = { id, source, ...turns, format, model, reward_model, responses };
    await this.#writer.write("train", row);
  }

  close(): Promise<DatasetConfig> {
    return this.#writer.close();
  }
}
