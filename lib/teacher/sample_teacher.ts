/** Stage 2a: a teacher's reply, with simulated thinking, to every prompt. */
import { z } from "zod";
import { defaultContext, type StageContext } from "../core/context.ts";
import type { Prompt, TeacherRecord } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { hashInputs } from "../io/hash_inputs.ts";
import { promptFault } from "../io/messages.ts";
import { readPrompts } from "../io/read_prompts.ts";
import type { ChatModel } from "../model/chat_model.ts";
import { openTeacher } from "../model/open.ts";
import { parseReply } from "../reply/format.ts";
import { fixedLimit } from "../run/concurrency_limit.ts";
import { promptOptions, runOptions } from "../run/run_options.ts";
import { type ItemOutcome, runStage, type Tally } from "../run/run_stage.ts";
import { shardFrom } from "../run/shard.ts";
import { type TeacherResult, teacherResult } from "../view/results.ts";

/** Options of `sampleTeacher`, and of `deno task sample-teacher`. */
export const SampleTeacherOptions = z.object({
  ...promptOptions,
  model: z.string().describe("teacher: embedded, local/DIR, openai/NAME, gemini/NAME, replay/FILE"),
  thinking: z.enum(["simulated", "structured", "native", "none"]).default("simulated").describe(
    "how the teacher thinks",
  ),
  language: z.enum(["en", "any"]).default("any").describe("en rejects prompts in other languages"),
  attempts: z.number().int().positive().default(3).describe("times a malformed reply is asked for"),
  temperature: z.number().min(0).default(0.7).describe("0 is greedy"),
  topP: z.number().gt(0).max(1).default(1).describe("nucleus"),
  maxTokens: z.number().int().positive().default(4096).describe("tokens a reply at most"),
  baseUrl: z.array(z.string()).default([]).describe("server of the model"),
  ...runOptions,
});
export type SampleTeacherOptions = z.input<typeof SampleTeacherOptions>;

/** Why `sampleTeacher` gives up a prompt. */
export const TEACHER_REJECTS = [
  "invalid_unicode",
  "empty_prompt",
  "language",
  "malformed",
  "length",
  "content_filter",
  "recitation",
  "thought_away",
  "context_overflow",
  "template_error",
  "not_recorded",
  "model_error",
  "other",
] as const;

/**
 * Asks a teacher for one reply a prompt and keeps thought and response apart. A reply that breaks
 * the tags' format is asked again, at most `attempts` times, then its prompt is rejected.
 *
 * Throws `InputError` for bad options or input, `RunError` where items could not be done.
 */
export async function sampleTeacher(
  given: SampleTeacherOptions,
  overrides: Partial<StageContext> = {},
  givenModel?: ChatModel,
): Promise<TeacherResult> {
  const options = SampleTeacherOptions.parse(given);
  const context = defaultContext(overrides);
  const shard = shardFrom(options.shard, context.env);
  const inputs = await hashInputs(options.prompts);
  const model = givenModel ?? await openTeacher(options, context);
  try {
    const { thinking, language, attempts, temperature, topP, maxTokens, seed } = options;
    const run = await runStage<Prompt & { where: string }, TeacherRecord>({
      stage: "sample-teacher",
      out: options.out,
      options,
      affects: {
        model: options.model,
        thinking,
        language,
        attempts,
        temperature,
        topP,
        maxTokens,
        seed,
      },
      inputs,
      read: () => readPrompts(options.prompts, { promptKey: options.promptKey }),
      content: ({ id, messages }) => ({ id, messages }),
      work: (item, { signal }) => reply(item, model, options, signal),
      tokensOf: (record) => record.usage.completion_tokens,
      reasons: TEACHER_REJECTS,
      tally: tallyTeacher,
      models: [model.name],
      packages: packageVersions("@huggingface/transformers", "onnxruntime-node"),
      seed,
      shard,
      limit: options.limit,
      slots: fixedLimit(options.concurrency ?? model.concurrency),
      timeoutMs: options.timeout * 1000,
    }, context);
    return teacherResult(run);
  } finally {
    if (!givenModel) await model.close();
  }
}

async function reply(
  item: Prompt,
  model: ChatModel,
  options: z.output<typeof SampleTeacherOptions>,
  signal: AbortSignal,
): Promise<ItemOutcome<TeacherRecord>> {
  const { id, source, messages } = item;
  const fault = promptFault(item);
  if (fault) return { reject: { reason: fault, detail: "no model can be asked this prompt" } };
  const { thinking, temperature, topP, maxTokens, seed } = options;
  let last = "";
  for (let attempt = 0; attempt < options.attempts; attempt++) {
    const { text, reasoning, finishReason, finishReasonRaw, usage } = await model.reply({
      id,
      messages,
      thinking,
      maxTokens,
      temperature,
      topP,
      seed,
      attempt,
      signal,
    });
    const common = { id, source, messages };
    const rest = { model: model.name, finish_reason: finishReason, usage };
    if (thinking === "none" || thinking === "native") {
      return {
        record: {
          ...common,
          thought: thinking === "native" ? reasoning : null,
          response: text.trim(),
          ...rest,
          finish_reason_raw: finishReasonRaw,
        },
      };
    }
    const { thought, answer, malformed } = parseReply("prompted-think", text, { finishReason });
    if (malformed === null) {
      return {
        record: {
          ...common,
          thought,
          response: answer,
          ...rest,
          finish_reason_raw: finishReasonRaw,
        },
      };
    }
    last = `${malformed}: ${text}`;
  }
  return { reject: { reason: "malformed", detail: last } };
}

/** Sums tokens by kind. */
export function tallyTeacher({ usage }: TeacherRecord, { tokens }: Tally): void {
  tokens.prompt = (tokens.prompt ?? 0) + usage.prompt_tokens;
  tokens.completion = (tokens.completion ?? 0) + usage.completion_tokens;
  tokens.reasoning = (tokens.reasoning ?? 0) + usage.reasoning_tokens;
  tokens.cached = (tokens.cached ?? 0) + (usage.cached_tokens ?? 0);
}
