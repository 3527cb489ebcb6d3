/** The options of stage 2a. */
import { formsOf } from "../model/providers/providers.ts";
import { z } from "zod";
import type { TeacherRecord } from "../core/records.ts";
import type { RejectReason } from "../core/reject_reasons.ts";
import { localOptions } from "../model/providers/local_options.ts";
import { paidOptions } from "../model/paid/paid_options.ts";
import { promptOptions, runOptions, samplingOptions, seedOption } from "../run/run_options.ts";
import type { Tally } from "../run/stage_run.ts";

/** Options of `sampleTeacher`, and of `deno task sample-teacher`. */
export const SampleTeacherOptions = z.object({
  ...promptOptions,
  model: z.string().describe(
    `teacher: ${formsOf("teacher")}`,
  ),
  thinking: z.enum(["simulated", "structured", "native", "none"]).default("simulated").describe(
    "how the teacher thinks: planned in tags, planned in JSON, by itself, or not",
  ),
  language: z.enum(["en", "any"]).default("any").describe("en rejects prompts in other languages"),
  attempts: z.number().int().positive().default(3).describe("times a faulty reply is asked for"),
  ...samplingOptions,
  ...localOptions,
  ...paidOptions,
  record: z.string().optional().describe("keep requests and replies in this file for replay/FILE"),
  ...seedOption,
  ...runOptions,
});
/** @internal */
export type SampleTeacherOptions = z.input<typeof SampleTeacherOptions>;
/** With all defaults filled in. */
export type TeacherSettings = z.output<typeof SampleTeacherOptions>;

/** Why `sampleTeacher` gives up a prompt. */
export const TEACHER_REJECTS = [
  "bad_row",
  "id_conflict",
  "invalid_unicode",
  "empty_prompt",
  "language",
  "malformed",
  "length",
  "content_filter",
  "prompt_blocked",
  "recitation",
  "thought_away",
  "empty",
  "context_overflow",
  "template_error",
  "tools_not_taken",
  "bad_request",
  "not_recorded",
  "model_error",
  "other",
] as const satisfies readonly RejectReason[];

/** Sums tokens by kind; counts repairs and flags. */
export function tallyTeacher(record: TeacherRecord, { tokens, extra }: Tally): void {
  const { usage, repairs = [], thought_flags = [] } = record;
  tokens.prompt = (tokens.prompt ?? 0) + usage.prompt_tokens;
  tokens.completion = (tokens.completion ?? 0) + usage.completion_tokens;
  tokens.reasoning = (tokens.reasoning ?? 0) + usage.reasoning_tokens;
  tokens.cached = (tokens.cached ?? 0) + (usage.cached_tokens ?? 0);
  for (const repair of repairs) extra[`repair_${repair}`] = (extra[`repair_${repair}`] ?? 0) + 1;
  for (const flag of thought_flags) extra[`flag_${flag}`] = (extra[`flag_${flag}`] ?? 0) + 1;
}
