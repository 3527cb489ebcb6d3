/** `check-training`, as one value. */
import { defineStage, type Stage } from "../run/define_stage.ts";
import type { CheckedTraining } from "./check_training.ts";
import { CheckTrainingOptions } from "./training_options.ts";

export type { CheckedTraining };
export type { PartTokens } from "./part_tokens.ts";
export type { BrokenRule, TrainingCheck } from "./summary.ts";

/**
 * Tells what a trainer would learn of a dataset: renders and masks each row as that trainer does,
 * by its own source, and checks thoughts, ends of turns, BOS, prompts and pairs.
 *
 * @example
 * ```ts
 * import { checkTraining, EMBEDDED_POLICY } from "thinkset";
 * import { createPromptedModel } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const tokenizer = `${folder}/model`;
 * await createPromptedModel({ model: EMBEDDED_POLICY, out: tokenizer, variant: "nothink" });
 * const prompt = [{ role: "user", content: "What is 1 + 1?" }];
 * const completion = [{ role: "assistant", content: "<response> 2 </response>" }];
 * await Deno.writeTextFile(`${folder}/rows.jsonl`, JSON.stringify({ prompt, completion }) + "\n");
 * const { ok, checks } = await checkTraining({ in: `${folder}/rows.jsonl`, tokenizer });
 * assert.ok(ok, JSON.stringify(checks));
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @throws {InputError} for rows or a tokenizer that cannot be read.
 */
export const checkTraining: Stage<CheckTrainingOptions, never, CheckedTraining> = defineStage({
  name: "check-training",
  summary: "tells what a trainer would learn of a dataset, token by token; exit 1 on a broken rule",
  examples: [
    "check-training --in runs/sft --tokenizer models/qwen3 --trainer trl --max-length 8192",
    "check-training --in runs/dpo --tokenizer models/qwen3 --max-length 4096 --show 1",
  ],
  options: CheckTrainingOptions,
  leaves: { kind: "nothing" },
  rejects: [],
  run: async ({ options, context }) =>
    await (await import("./check_training.ts")).checkTraining(options, context),
});
