/**
 * LLaMA-Factory 0.9: rows of messages in its `sharegpt` format, as `--export llama-factory` writes
 * them, through `SupervisedDatasetProcessor` and `PairwiseDatasetProcessor`
 * (src/llamafactory/data/processor/) and its own chat template (data/template.py).
 */
import { InputError } from "../../core/errors.ts";
import { ofPlainChats } from "../plain_chat.ts";
import { settingsOf } from "../trainer_settings.ts";
import type { Trainer } from "../trainer.ts";
import { pairOf, supervised } from "./llama_factory_rows.ts";
import { LlamaFactorySettings, type LlamaFactorySetup } from "./llama_factory_settings.ts";
import { namedTemplate, parsedTemplate } from "./llama_factory_templates.ts";

export const llamaFactory: Trainer = {
  name: "llama-factory",
  version: "0.9",
  maxLength: 2048,
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
    const how: LlamaFactorySetup = {
      template,
      settings,
      maxLength: maxLength ?? Infinity,
      tokenizer,
    };
    return {
      template: name ?? "read out of the tokenizer's",
      reading: { keys: new Set(), tagsAreText: thought !== null && !thought[0].includes("think>") },
      render: (row) =>
        ofPlainChats(
          row,
          ([chat, rejected]) =>
            rejected === undefined ? supervised(chat, how) : pairOf(chat, rejected, how),
        ),
    };
  },
};
