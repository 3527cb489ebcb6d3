/** Prompts for RL, as one value. */
import { defineStage, type Stage } from "../../run/define_stage.ts";
import type { DatasetResult } from "../build/dataset_folder.ts";
import { BuildRlOptions, RL_REJECTS } from "./rl_options.ts";

/**
 * Builds an RL dataset in verl's schema: prompts in NumPy's permuted order, the last `validation`
 * of them held out, equal prompts on one side.
 *
 * @example
 * ```ts
 * import { buildRl, EMBEDDED_PROMPTS } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = `${await Deno.makeTempDir()}/rl`;
 * const { manifest } = await buildRl({ prompts: EMBEDDED_PROMPTS, validation: 10, out });
 * assert.equal(manifest.extra?.validation, 10);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * prompt is left.
 */
export const buildRl: Stage<BuildRlOptions, never, DatasetResult> = defineStage({
  name: "build-rl",
  summary: "builds a dataset of prompts in verl's schema",
  examples: [
    "build-rl --prompts prompts.parquet --out runs/rl --data-source wildchat --validation 500",
    "build-rl --prompts gsm8k.jsonl --out runs/rl --data-source openai/gsm8k --ground-truth-key answer",
  ],
  options: BuildRlOptions,
  leaves: { kind: "rl" },
  rejects: RL_REJECTS,
  run: async (call) => await (await import("./rl.ts")).buildRl(call),
});
