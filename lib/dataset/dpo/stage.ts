/** Stage 3c, as one value. */
import { defineStage, type Stage } from "../../run/define_stage.ts";
import type { DatasetResult } from "../build/dataset_folder.ts";
import { BuildDpoOptions, DPO_REJECTS } from "./dpo_options.ts";

/**
 * Builds a DPO dataset with a train and a validation split from a policy's scored replies.
 *
 * @example
 * ```ts
 * import { buildDpo, createPromptedModel, EMBEDDED_POLICY } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const record = {
 *   id: "sum",
 *   source: "mine",
 *   prompt: [{ role: "user", content: "What is 1 + 1?" }],
 *   format: "chat",
 *   model: "policy",
 *   responses: ["2", "It is 2.", "3", "No."].map((answer, index) => ({
 *     index,
 *     text: answer,
 *     thought: null,
 *     answer,
 *     malformed: null,
 *     finish_reason: "stop",
 *     completion_tokens: 2,
 *     score: [1, 0.5, -1, -2][index],
 *   })),
 *   reward_model: "reward",
 * };
 * await Deno.writeTextFile(`${folder}/replies.jsonl`, JSON.stringify(record) + "\n");
 * const tokenizer = `${folder}/model`;
 * await createPromptedModel({ model: EMBEDDED_POLICY, out: tokenizer, variant: "nothink" });
 * const { manifest } = await buildDpo({
 *   in: `${folder}/replies.jsonl`,
 *   format: "prompted-nothink",
 *   tokenizer,
 *   trainSplit: 1,
 *   out: `${folder}/pairs`,
 * });
 * assert.equal(manifest.counts.kept, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * prompt gave a pair.
 */
export const buildDpo: Stage<BuildDpoOptions, never, DatasetResult> = defineStage({
  name: "build-dpo",
  summary: "builds a DPO dataset, train and validation, from scored replies (stage 3c)",
  examples: [
    "build-dpo --in runs/scored --out runs/dpo --format prompted-think --tokenizer models/think",
    "build-dpo --in runs/scored --out runs/dpo --tokenizer models/qwen --min-margin 0.5",
    "build-dpo --in runs/scored --out runs/dpo --tokenizer models/qwen --gate length=0.5 --gate form=0",
  ],
  options: BuildDpoOptions,
  leaves: { kind: "dpo" },
  rejects: DPO_REJECTS,
  run: async (call) => await (await import("./dpo.ts")).buildDpo(call),
});
