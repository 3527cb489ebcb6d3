/** What `build-sft` can be told, and why it leaves replies out. */
import { z } from "zod";
import { Variant } from "../core/records.ts";
import { buildOptions } from "./build_options.ts";
import { PROMPT_FILTER_REASONS } from "./prompt_filter.ts";

/** Options of {@link buildSft}; each is a flag of `build-sft`. */
export const BuildSftOptions = z.object({
  in: z.string().min(1).describe("teacher records: a run of sample-teacher, a file or a folder"),
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
export const SFT_REJECT_REASONS = [
  /** The reply was cut by the token limit, or withheld. */
  "not_finished",
  /** A think variant is wanted, and the record has no thought. */
  "no_thought",
  /** Thought or answer is empty. */
  "empty_part",
  /** Thought or answer holds a tag of the reply format. */
  "unexpected_tag",
  /** Half a surrogate pair: the text has no UTF-8 form. */
  "invalid_unicode",
  /** The thought was flagged, and flagged ones are to be left out. */
  "flagged",
  /** The chat template does not keep the thought. */
  "template_drops_thought",
  /** The chat template repeats the thought. */
  "template_doubles_thought",
  /** By the chat template, the prompt's tokens are no prefix of those of the whole. */
  "prompt_not_prefix",
  /** `compat`: the public builder takes one user turn and its reply only. */
  "not_single_turn",
  ...PROMPT_FILTER_REASONS,
] as const;
export type SftRejectReason = (typeof SFT_REJECT_REASONS)[number];
