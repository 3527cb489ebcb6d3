/** What `build-sft` can be told, and why it leaves replies out. */
import { z } from "zod";
import { Format, Variant } from "../../core/records.ts";
import { InputError } from "../../core/errors.ts";
import type { RejectReason } from "../../core/reject_reasons.ts";
import { inputPaths } from "../../io/inputs/input_options.ts";
import { seedNumber } from "../../run/run_options.ts";
import { rewardCheckOption } from "../build/checked_reward.ts";
import { datasetOptions, replyRowOptions } from "../build/build_options.ts";
import { checkExports } from "../export/export_targets.ts";
import { HISTORY_THOUGHTS } from "../tokens/history_thoughts.ts";
import { INPUT_REJECTS } from "../build/build_input.ts";

/** Options of {@link buildSft}; each is a flag of `build-sft`. */
export const BuildSftOptions = z.object({
  in: inputPaths("teacher records: a run of sample-teacher, a file or a folder"),
  ...datasetOptions,
  ...replyRowOptions,
  variant: Variant.default("think").describe("with the teacher's thoughts, or without"),
  twins: z.boolean().default(false).describe(
    "both variants, OUT/think and OUT/nothink, from the same replies",
  ),
  tokenizer: z.array(z.string()).min(1).meta({ metavar: "NAME=DIR" }).describe(
    "tokenizer whose chat template renders text, a folder or hf/OWNER/NAME; of several, each gets " +
      "OUT/NAME",
  ),
  best: z.number().int().positive().optional().describe(
    "rejection sampling: of scored records, the best K answers of each prompt",
  ),
  pick: z.enum(["best", "random"]).default("best").describe(
    "with --best: the highest scores, or drawn at random as a control",
  ),
  minScore: z.number().optional().describe("with --best: answers of at least this score alone"),
  format: Format.optional().describe(
    "with --best: for scored replies that do not say it (the public scripts' files)",
  ),
  ...rewardCheckOption,
  seed: seedNumber.describe("seed of --pick random"),
  historyThoughts: z.enum(HISTORY_THOUGHTS).default("keep").describe(
    "thoughts in earlier turns of a prompt: as they are; left out; left out before the last user's " +
      "turn; or split: a row for each turn with a thought",
  ),
  dropFlagged: z.boolean().default(false).describe(
    "leave out replies whose simulated thought was flagged",
  ),
});
/** @internal */
export type BuildSftOptions = z.input<typeof BuildSftOptions>;
/** With all defaults filled in. */
export type SftSettings = z.output<typeof BuildSftOptions>;

/** Why a teacher's reply is not in an SFT dataset: the reasons in its rejects. */
export const SFT_REJECTS = [
  "not_finished",
  "no_thought",
  "empty_part",
  "unexpected_tag",
  "invalid_unicode",
  "flagged",
  "template_drops_thought",
  "template_doubles_thought",
  "prompt_not_prefix",
  "template_error",
  "not_single_turn",
  "no_scored_reply",
  "below_min_score",
  "unusable_decision",
  ...INPUT_REJECTS,
] as const satisfies readonly RejectReason[];
export type SftReject = (typeof SFT_REJECTS)[number];

/** @throws {InputError} for options that do not go together. */
export function checkSftOptions(options: BuildSftOptions): void {
  const { best, pick, minScore, format, compat, reasoning, historyThoughts, rewardCheck } = options;
  checkExports(options.export ?? [], "sft");
  const isOwn = (reasoning ?? "inline") !== "inline" || (historyThoughts ?? "keep") !== "keep";
  if (compat && isOwn) {
    throw new InputError("--compat rlmt: no --reasoning or --history-thoughts beside it");
  }
  const ofScored = minScore !== undefined || format !== undefined || rewardCheck !== undefined;
  if (best === undefined && (pick !== "best" || ofScored)) {
    throw new InputError(
      "--pick, --min-score, --format and --reward-check go with --best K, of scored records",
    );
  }
  if (best !== undefined && compat) {
    throw new InputError("--compat rlmt: the public builder takes a teacher's replies: no --best");
  }
}
