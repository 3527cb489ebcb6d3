/** Stage 2b, as one value. */
import { defineStage, type Stage } from "../../run/define_stage.ts";
import type { DatasetResult } from "../build/dataset_folder.ts";
import { BuildSftOptions, SFT_REJECTS } from "./sft_options.ts";

/**
 * Builds SFT datasets: one for each tokenizer (and each variant with `twins`), all of the same
 * rows. A reply is kept where every one of them can hold it.
 *
 * @example
 * ```ts
 * import { buildSft, createPromptedModel, EMBEDDED_POLICY } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const row = {
 *   id: "sum",
 *   messages: [{ role: "user", content: "What is 1 + 1?" }],
 *   thought: "One and one is two.",
 *   response: "2",
 * };
 * await Deno.writeTextFile(`${folder}/teacher.jsonl`, JSON.stringify(row) + "\n");
 * const model = `${folder}/model`;
 * await createPromptedModel({ model: EMBEDDED_POLICY, out: model, variant: "think" });
 * const { manifest } = await buildSft({
 *   in: `${folder}/teacher.jsonl`,
 *   variant: "think",
 *   tokenizer: [model],
 *   out: `${folder}/sft`,
 * });
 * assert.equal(manifest.counts.kept, 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * reply could be kept.
 */
export const buildSft: Stage<BuildSftOptions, never, DatasetResult> = defineStage({
  name: "build-sft",
  summary: "builds SFT datasets, think or nothink, from a teacher's replies (stage 2b)",
  examples: [
    "build-sft --in runs/teacher --out runs/sft --variant think --tokenizer llama=models/llama",
    "build-sft --in runs/teacher --out runs/sft --twins --tokenizer a=models/a --tokenizer b=models/b",
  ],
  options: BuildSftOptions,
  leaves: { kind: "sft" },
  rejects: SFT_REJECTS,
  run: async (call) => await (await import("./sft.ts")).buildSft(call),
});
