/** Options of `check-reward`. */
import { z } from "zod";
import { eachPath } from "../io/inputs/input_options.ts";
import { intervalOptions, labelOptions } from "../evaluate/evaluate_options.ts";
import { formsOf } from "../model/providers/providers.ts";

/** Options of `checkReward`; each is a flag of `check-reward`. */
export const CheckRewardOptions = z.object({
  in: eachPath("scored runs, or files of their records", "SCORED"),
  score: z.string().default("score").meta({ metavar: "NAME" }).describe(
    "the reward to check: score (each reply's own), or a reward model's NAME of several",
  ),
  against: z.string().optional().meta({ metavar: "NAME" }).describe(
    "hold it against this reward model's scores in the same records (a rule's, a judge's) instead " +
      "of labels",
  ),
  ...labelOptions,
  rewardModel: z.string().optional().describe(
    `also probe the reward itself (prompt, ends, batches, white space): ${formsOf("reward")}`,
  ),
  rewardTokenizer: z.string().optional().meta({ metavar: "DIR" }).describe(
    "folder (or hf/OWNER/NAME) with the tokenizer and chat template of a served reward model",
  ),
  baseUrl: z.array(z.string()).default([]).describe("server of the reward model to probe"),
  moduleAllow: z.array(z.string()).default([]).meta({ metavar: "PERMISSION" }).describe(
    "what a module/FILE.ts to probe may do beside reading its own folder",
  ),
  probes: z.number().int().min(2).default(24).describe("prompts to probe it on"),
  maxLength: z.number().int().positive().default(4096).describe(
    "tokens of prompt and answer together, as in score-responses",
  ),
  floor: z.number().min(0).max(1).optional().describe(
    "end with status 1 where the share of pairs ranked right is below this",
  ),
  ...intervalOptions,
  out: z.string().min(1).optional().meta({ metavar: "FILE.json" }).describe(
    "write all figures here (build-dpo --reward-check puts them into a dataset's card)",
  ),
});
/** @internal */
export type CheckRewardOptions = z.input<typeof CheckRewardOptions>;
