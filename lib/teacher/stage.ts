/** Stage 2a, as one value. */
import { defaultContext } from "../core/context.ts";
import { parseOptions } from "../core/options.ts";
import { TeacherRecord } from "../core/records.ts";
import type { ChatModel } from "../model/chat_model.ts";
import { type CallOptions, defineStage, leavesRecords, type Stage } from "../run/define_stage.ts";
import type { TeacherResult } from "../view/results.ts";
import type { CostEstimate } from "../model/paid/estimate.ts";
import { SampleTeacherOptions, tallyTeacher, TEACHER_REJECTS } from "./teacher_options.ts";

/**
 * Asks a teacher for one reply a prompt and keeps thought and response apart. A reply that breaks
 * the form is asked again, at most `attempts` times, then its prompt is rejected. Teachers that are
 * paid for are paced and billed.
 *
 * @example
 * ```ts
 * import { EMBEDDED_PROMPTS, sampleTeacher } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const { manifest } = await sampleTeacher({
 *   prompts: EMBEDDED_PROMPTS,
 *   model: "embedded",
 *   limit: 2,
 *   out,
 * });
 * assert.equal(manifest.counts.input, 2);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options or input, `LimitReached` at the spending cap, and `RunError`
 * where the run cannot go on or items could not be done.
 */
export const sampleTeacher: Stage<SampleTeacherOptions, ChatModel, TeacherResult> = defineStage({
  name: "sample-teacher",
  summary: "asks a teacher for one thinking-annotated reply a prompt (stage 2a)",
  examples: [
    "sample-teacher --prompts prompts.jsonl --model embedded --out runs/teacher",
    "sample-teacher --prompts prompts.jsonl --model openai/gpt-4.1-mini --out runs/teacher",
    "sample-teacher --prompts prompts.jsonl --model openai/gpt-4.1-mini --out runs/teacher --estimate",
    "sample-teacher --prompts prompts.jsonl --model openai/gpt-4.1-mini --out runs/teacher --batch",
    "sample-teacher --prompts prompts.jsonl --model gemini/gemini-3.8-flash --out runs/teacher --max-cost-usd 20",
  ],
  options: SampleTeacherOptions,
  leaves: leavesRecords("teacher", TeacherRecord, tallyTeacher),
  rejects: TEACHER_REJECTS,
  run: async (call) => await (await import("./sample_teacher.ts")).sampleTeacher(call),
});

/**
 * Estimates what `sampleTeacher` with the same options would cost, and sends nothing; no key is
 * needed. Where OUT holds replies already (run with `limit: 50` first), the guess rests on them.
 *
 * @example
 * ```ts
 * import { EMBEDDED_PROMPTS, estimateTeacher } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const prompts = EMBEDDED_PROMPTS;
 * const { toAsk, cost } = await estimateTeacher({ prompts, model: "openai/gpt-4.1-mini", out });
 * assert.ok(toAsk > 100 && cost !== null && cost > 0);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options or input.
 */
export async function estimateTeacher(
  options: SampleTeacherOptions,
  { context }: Pick<CallOptions, "context"> = {},
): Promise<CostEstimate> {
  const settings = parseOptions(SampleTeacherOptions, options);
  const { estimateTeacher } = await import("./estimate_teacher.ts");
  return await estimateTeacher(settings, defaultContext(context));
}
