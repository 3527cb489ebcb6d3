/** Stage 3c, as one value. */
import { defineStage, type Stage } from "../../run/define_stage.ts";
import type { DatasetResult } from "../build/dataset_folder.ts";
import { BuildDpoOptions, DPO_REJECTS } from "./dpo_options.ts";

/**
 * Builds a DPO dataset with a train and a validation split from a policy's scored replies.
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
  ],
  options: BuildDpoOptions,
  leaves: { kind: "dpo" },
  rejects: DPO_REJECTS,
  run: async ({ options, context }) => await (await import("./dpo.ts")).buildDpo(options, context),
});
