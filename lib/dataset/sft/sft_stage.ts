/** Stage 2b, as one value. */
import { defineStage, type Stage } from "../../run/define_stage.ts";
import type { DatasetResult } from "../build/dataset_folder.ts";
import { BuildSftOptions, SFT_REJECTS } from "./sft_options.ts";

/**
 * Builds SFT datasets: one for each tokenizer (and each variant with `twins`), all of the same
 * rows. A reply is kept where every one of them can hold it.
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
  run: async ({ options, context }) => await (await import("./sft.ts")).buildSft(options, context),
});
