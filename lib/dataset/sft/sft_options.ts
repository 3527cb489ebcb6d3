/** What `build-sft` can be told, and why it leaves replies out. */
import { z } from "zod";
import { Variant } from "../../core/records.ts";
import type { RejectReason } from "../../core/reject_reasons.ts";
import { inputPaths } from "../../io/input_options.ts";
import { buildOptions } from "../build/build_options.ts";
import { PROMPT_FILTER_REJECTS } from "../filter/prompt_filter.ts";

/** Options of {@link buildSft}; each is a flag of `build-sft`. */
export const BuildSftOptions = z.object({
  in: inputPaths("teacher records: a run of sample-teacher, a file or a folder"),
  ...buildOptions,
  variant: Variant.default("think").describe("with the teacher's thoughts, or without"),
  twins: z.boolean().default(false).describe(
    "both variants, OUT/think and OUT/nothink, from the same replies",
  ),
  tokenizer: z.array(z.string()).min(1).meta({ metavar: "NAME=DIR" }).describe(
    "tokenizer whose chat template renders text; of several, each gets OUT/NAME",
  ),
  dropFlagged: z.boolean().default(false).describe(
    "leave out replies whose simulated thought was flagged",
  ),
});
export type BuildSftOptions = z.infer<typeof BuildSftOptions>;

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
  "not_single_turn",
  ...PROMPT_FILTER_REJECTS,
] as const satisfies readonly RejectReason[];
export type SftReject = (typeof SFT_REJECTS)[number];
