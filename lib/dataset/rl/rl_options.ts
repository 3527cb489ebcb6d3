/** What `build-rl` can be told, and why it leaves prompts out. */
import { z } from "zod";
import type { RejectReason } from "../../core/reject_reasons.ts";
import { promptSource, seedNumber } from "../../run/run_options.ts";
import { datasetOptions } from "../build/build_options.ts";
import { INPUT_REJECTS } from "../build/build_input.ts";

/** Options of {@link buildRl}; each is a flag of `build-rl`. */
export const BuildRlOptions = z.object({
  ...promptSource,
  ...datasetOptions,
  dataSource: z.string().min(1).default("thinkset").describe(
    "data_source of every row: verl chooses the reward function by it",
  ),
  ability: z.string().default("chat").describe("ability of every row"),
  groundTruthKey: z.string().optional().describe(
    "the column with the right answer; then reward_model.style is rule, else model",
  ),
  validation: z.number().int().nonnegative().default(0).describe("prompts to hold out"),
  seed: seedNumber.describe("seed of the order (NumPy's)"),
});
/** @internal */
export type BuildRlOptions = z.input<typeof BuildRlOptions>;
/** With all defaults filled in. */
export type RlSettings = z.output<typeof BuildRlOptions>;

/** Why a prompt is not in an RL dataset. */
export const RL_REJECTS = [
  "invalid_unicode",
  "empty_prompt",
  "no_ground_truth",
  "tools_not_taken",
  ...INPUT_REJECTS,
] as const satisfies readonly RejectReason[];
export type RlReject = (typeof RL_REJECTS)[number];
