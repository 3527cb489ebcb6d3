/** What `build-dpo` can be told, and why it leaves prompts out. */
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { Format } from "../../core/records.ts";
import type { RejectReason } from "../../core/reject_reasons.ts";
import { inputPaths } from "../../io/inputs/input_options.ts";
import { seedNumber } from "../../run/run_options.ts";
import { INPUT_REJECTS } from "../build/build_input.ts";
import { datasetOptions, replyRowOptions } from "../build/build_options.ts";
import { rewardCheckOption } from "../build/checked_reward.ts";
import { gateOption, limitsOf } from "../gate/gate_options.ts";
import { checkExports } from "../export/export_targets.ts";
import { CONTROLS, PAIR_MODELS, STRATEGIES } from "./pair_rules.ts";

/** Options of {@link buildDpo}; each is a flag of `build-dpo`. */
export const BuildDpoOptions = z.object({
  in: inputPaths("scored records: a run of score-responses, a file or a folder"),
  ...datasetOptions,
  ...replyRowOptions,
  format: Format.optional().describe(
    "reply format of chosen and rejected; needed for the public scripts' files, else as sampled",
  ),
  tokenizer: z.string().min(1).meta({ metavar: "DIR" }).describe(
    "tokenizer (a folder, or hf/OWNER/NAME) whose chat template and tokens --max-length goes by",
  ),
  historyThoughts: z.enum(["keep", "drop", "last"]).default("keep").describe(
    "thoughts in earlier turns of a prompt: as they are; left out; or left out before the last " +
      "user's turn",
  ),
  minResponses: z.number().int().min(2).default(4).describe(
    "prompts with fewer scored replies are rejected",
  ),
  maxLength: z.number().int().positive().default(8192).describe(
    "tokens of prompt and reply at most, on either side",
  ),
  trainSplit: z.number().min(0).max(1).default(0.97).describe("share of the prompts in train"),
  seed: seedNumber.describe("seed of the split (NumPy's) and of random strategies"),
  strategy: z.enum(STRATEGIES).default("best-worst").describe("how pairs are chosen"),
  pairs: z.number().int().positive().default(2).describe("pairs a prompt for top-k-pairs"),
  threshold: z.number().optional().describe("the score for the strategy threshold"),
  minMargin: z.number().nonnegative().optional().describe("least difference of the two scores"),
  maxLengthRatio: z.number().min(1).optional().describe(
    "the longer reply at most X times as long as the other",
  ),
  lengthMatched: z.boolean().default(false).describe(
    "reject the reply nearest in length to the chosen, of those that the strategy allows",
  ),
  pairModels: z.enum(PAIR_MODELS).default("any").describe(
    "of replies of several models, both sides of a pair from the same one, or from different ones",
  ),
  rejectMalformed: z.boolean().default(false).describe(
    "a malformed reply may be the rejected side, in its own text",
  ),
  score: z.string().default("score").describe(
    "the score to go by: score (the first reward model's), one reward model's NAME, or mean or min " +
      "of all, each standardized over the run",
  ),
  withAllResponses: z.boolean().default(false).describe(
    "also a configuration all_responses, with every reply and score",
  ),
  ...gateOption,
  ...rewardCheckOption,
});
/** @internal */
export type BuildDpoOptions = z.input<typeof BuildDpoOptions>;
/** With all defaults filled in. */
export type DpoSettings = z.output<typeof BuildDpoOptions>;

/** Why a prompt gave no pair: the reasons in a DPO dataset's rejects. */
export const DPO_REJECTS = [
  "too_few_responses",
  "tie",
  "same_text",
  "margin_too_small",
  "length_ratio",
  "not_across_threshold",
  "too_long",
  "template_error",
  "invalid_unicode",
  "not_single_turn",
  "same_model",
  "unusable_decision",
  ...INPUT_REJECTS,
] as const satisfies readonly RejectReason[];
export type DpoReject = (typeof DPO_REJECTS)[number];

/** @throws {InputError} for options that do not go together. */
export function checkDpoOptions(options: DpoSettings): void {
  const { compat, strategy, threshold } = options;
  checkExports(options.export, "dpo");
  limitsOf(options.gate);
  if ((strategy === "threshold") !== (threshold !== undefined)) {
    throw new InputError("--threshold X goes with --strategy threshold, and that needs it");
  }
  if (CONTROLS.includes(strategy) && options.lengthMatched) {
    throw new InputError(`--length-matched: not with --strategy ${strategy}, which is a control`);
  }
  const own = options.minMargin !== undefined || options.maxLengthRatio !== undefined ||
    options.lengthMatched || options.withAllResponses || strategy !== "best-worst" ||
    options.export.length > 0 || options.reasoning !== "inline" || options.pairModels !== "any" ||
    options.rejectMalformed || options.historyThoughts !== "keep" ||
    options.decisions !== undefined;
  if (compat && own) {
    throw new InputError(
      "--compat rlmt: the public builder pairs best and worst: no --strategy, --min-margin, " +
        "--max-length-ratio, --length-matched, --pair-models, --reject-malformed, --decisions, " +
        "--with-all-responses, --reasoning, --history-thoughts or --export beside it",
    );
  }
}
