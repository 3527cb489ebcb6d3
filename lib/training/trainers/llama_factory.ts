/**
 * LLaMA-Factory 0.9: rows of messages in its `sharegpt` format, as `--export llama-factory` writes
 * them, through `SupervisedDatasetProcessor` and `PairwiseDatasetProcessor`
 * (src/llamafactory/data/processor/) and its own chat template (data/template.py).
 */
import { InputError } from "../../core/errors.ts";
import { plainChat } from "../plain_chat.ts";
import { settingsOf } from "../trainer_settings.ts";
import { refused, type RenderedRow, type Trainer } from "../trainer.ts";
import type { TrainingRow } from "../training_row.ts";
import { turnsOf } from "../training_row.ts";
import { pairOf, supervised } from "./llama_factory_rows.ts";
import { LlamaFactorySettings, type LlamaFactorySetup } from "./llama_factory_settings.ts";
import { namedTemplate, parsedTemplate } from "./llama_factory_templates.ts";

export const llamaFactory: Trainer = {
  name: "llama-factory",
  version: "0.9",
  maxLength: 2048,
  lengthSetting: "cutoff_len",
  sftConfig: "default",
  settings: LlamaFactorySettings,
  async open(tokenizer, { maxLength, set }) {
    const settings = settingsOf("llama-factory", LlamaFactorySettings, set);
    const name = settings.template;
    const template = name === undefined
      ? parsedTemplate(tokenizer)
      : await namedTemplate(name, tokenizer);
    const { thought, efficientEos } = template;
    if (settings.train_on_prompt && efficientEos) {
      throw new InputError(`--set train_on_prompt=true: LLaMA-Factory refuses it for ${name}`);
    }
    if (settings.train_on_prompt && settings.mask_history) {
      throw new InputError(
        "--set train_on_prompt=true: LLaMA-Factory refuses it with mask_history",
      );
    }
    const how = { template, settings, maxLength: maxLength ?? Infinity, tokenizer };
    return {
      template: name ?? "read out of the tokenizer's",
      reading: { keys: new Set(), tagsAreText: thought !== null && !thought[0].includes("think>") },
      render: (row) => rendered(row, how),
    };
  },
};

function rendered(row: TrainingRow, how: LlamaFactorySetup): RenderedRow {
  if (row.tools !== null && row.tools.length > 0) {
    return refused("not_followed", "a row with tools");
  }
  if (row.kind === "pair") {
    const { prompt, chosen, rejected } = row;
    if (typeof prompt === "string") return refused("not_followed", "pairs of text");
    const sides = [chosen, rejected].map((side) => plainChat([...prompt, ...side as []]));
    const [first, second] = sides;
    if (typeof first === "string") return refused("not_followed", first);
    if (typeof second === "string") return refused("not_followed", second);
    return pairOf(first!, second!, how);
  }
  const turns = turnsOf(row);
  if (turns === null) return refused("not_followed", "a row of text");
  const chat = plainChat(turns);
  return typeof chat === "string" ? refused("not_followed", chat) : supervised(chat, how);
}
