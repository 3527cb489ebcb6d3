/** The options of stage 3a. */
import { formsOf } from "../model/providers/providers.ts";
import { z } from "zod";
import { Format, type PolicyRecord } from "../core/records.ts";
import type { RejectReason } from "../core/reject_reasons.ts";
import { localOptions } from "../model/providers/local_options.ts";
import { paidOptions } from "../model/paid/paid_options.ts";
import { promptOptions, runOptions, samplingOptions, seedOption } from "../run/run_options.ts";
import type { Tally } from "../run/stage_run.ts";

/** Options of `samplePolicy`, and of `deno task sample-policy`. */
export const SamplePolicyOptions = z.object({
  ...promptOptions,
  model: z.string().describe(`policy: ${formsOf("policy")}`),
  tokenizer: z.string().optional().describe(
    "folder, or hf/OWNER/NAME on the Hub, whose chat template renders the prompts; the local model's own " +
      "where not given",
  ),
  templateArg: z.array(z.string()).default([]).meta({ metavar: "NAME=VALUE" }).describe(
    "a variable of the chat template, as JSON or text: enable_thinking=false",
  ),
  format: Format.optional().describe(
    "what a reply looks like; what the prompted model's chat template asks for where not given",
  ),
  n: z.number().int().positive().default(8).describe("replies a prompt"),
  ...samplingOptions,
  topK: z.number().int().min(0).default(0).describe("0 for all tokens"),
  thinking: z.enum(["native", "simulated"]).default("native").describe(
    "for chat-think from a chat API: the provider's own reasoning, or a plan in tags",
  ),
  ...localOptions,
  ...paidOptions,
  record: z.string().optional().describe(
    "keep requests and replies in this file for replay/FILE with the same --tokenizer",
  ),
  ...seedOption,
  ...runOptions,
});
/** @internal */
export type SamplePolicyOptions = z.input<typeof SamplePolicyOptions>;
/** With all defaults filled in. */
export type PolicySettings = z.output<typeof SamplePolicyOptions>;

/** Why `samplePolicy` gives up a prompt. */
export const POLICY_REJECTS = [
  "bad_row",
  "id_conflict",
  "invalid_unicode",
  "empty_prompt",
  "template_error",
  "tools_not_taken",
  "context_overflow",
  "not_recorded",
  "content_filter",
  "prompt_blocked",
  "recitation",
  "bad_request",
  "not_finite",
  "model_error",
  "other",
] as const satisfies readonly RejectReason[];

/** Counts replies, and malformed ones by the rule that they break. */
export function tallyReplies(record: PolicyRecord, { tokens, extra }: Tally): void {
  for (const { completion_tokens, malformed } of record.responses) {
    tokens.completion = (tokens.completion ?? 0) + completion_tokens;
    extra.replies = (extra.replies ?? 0) + 1;
    if (malformed !== null) {
      extra[`malformed_${malformed}`] = (extra[`malformed_${malformed}`] ?? 0) + 1;
    }
  }
}
