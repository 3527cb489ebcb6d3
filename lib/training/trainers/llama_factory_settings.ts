/** How a training with LLaMA-Factory is set, by the names of its configuration (hparams/data_args.py). */
import { z } from "zod";
import type { TrainingTokenizer } from "../trainer.ts";
import { LLAMA_FACTORY_TEMPLATES, type LlamaFactoryTemplate } from "./llama_factory_templates.ts";

export const LlamaFactorySettings = z.object({
  template: z.enum(LLAMA_FACTORY_TEMPLATES).optional(),
  enable_thinking: z.stringbool().default(true),
  preserve_thinking: z.stringbool().default(false),
  mask_history: z.stringbool().default(false),
  train_on_prompt: z.stringbool().default(false),
});

/** The settings, with the template that they come to. */
export interface LlamaFactorySetup {
  settings: z.output<typeof LlamaFactorySettings>;
  template: LlamaFactoryTemplate;
  maxLength: number;
  tokenizer: TrainingTokenizer;
}
