/** Stage 1, as one value. */
import { defineStage, type Stage } from "../run/define_stage.ts";
import type { PromptedModel } from "./create_prompted_model.ts";
import { CreatePromptedModelOptions } from "./prompted_options.ts";

export type { PromptedModel };

/**
 * Makes a prompted model: the base model's folder again, with another chat template and EOS.
 * Nothing is trained, and weights are never read.
 *
 * @example
 * ```ts
 * import { createPromptedModel, EMBEDDED_POLICY } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const out = `${folder}/think`;
 * const made = await createPromptedModel({ model: EMBEDDED_POLICY, out, variant: "think" });
 * assert.match(made.template, /<think>/);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @throws {InputError} for a bad option or a folder that is no model, `RunError` where it cannot be
 * written.
 */
export const createPromptedModel: Stage<CreatePromptedModelOptions, never, PromptedModel> =
  defineStage({
    name: "create-prompted-model",
    summary: "gives a base model the chat template that asks for a thought and a response",
    examples: [
      "create-prompted-model --model models/Llama-3.1-8B --out models/zero-think --variant think",
      "create-prompted-model --model models/Qwen2.5-7B --out models/zero-nothink --variant nothink " +
      "--template rlmt --weights hardlink",
      "create-prompted-model --model hf/Qwen/Qwen2.5-7B --out models/zero-think --variant think",
    ],
    options: CreatePromptedModelOptions,
    leaves: { kind: "model" },
    rejects: [],
    run: async ({ options, context }) =>
      await (await import("./create_prompted_model.ts")).createPromptedModel(options, context),
  });
