/** Stage 3a: n replies a prompt from the policy, each taken apart by its format. */
import { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { defaultContext } from "../core/context.ts";
import { messageOf, ModelError } from "../core/errors.ts";
import { Format, type PolicyRecord, type Prompt } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import type { RejectReason } from "../core/reject_reasons.ts";
import { hashInputs } from "../io/hash_inputs.ts";
import { promptFault } from "../io/messages.ts";
import { promptContent, readPrompts } from "../io/read_prompts.ts";
import { modelIdentity } from "../model/model_identity.ts";
import { openPolicy, type Policy } from "../model/open.ts";
import { parseReply, prefillFor, prefillOf, stopsOf } from "../reply/format.ts";
import { writeOwnReport } from "../report/own_report.ts";
import { fixedLimit } from "../run/concurrency_limit.ts";
import { promptOptions, runOptions } from "../run/run_options.ts";
import { type ItemOutcome, runStage, type Tally } from "../run/run_stage.ts";
import { shardFrom } from "../run/shard.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";

/** Options of `samplePolicy`, and of `deno task sample-policy`. */
export const SamplePolicyOptions = z.object({
  ...promptOptions,
  model: z.string().describe("policy: embedded, local/DIR, vllm/NAME, replay/FILE"),
  tokenizer: z.string().optional().describe(
    "folder whose chat template renders the prompts; the local model's own where not given",
  ),
  format: Format.describe("what a reply looks like"),
  n: z.number().int().positive().default(8).describe("replies a prompt"),
  temperature: z.number().min(0).default(0.7).describe("0 is greedy"),
  topP: z.number().gt(0).max(1).default(1).describe("nucleus"),
  topK: z.number().int().min(0).default(0).describe("0 for all tokens"),
  maxTokens: z.number().int().positive().default(4096).describe("tokens a reply at most"),
  baseUrl: z.array(z.string()).default([]).describe("server of the model"),
  record: z.string().optional().describe(
    "keep requests and replies in this file for replay/FILE with the same --tokenizer",
  ),
  ...runOptions,
});
export type SamplePolicyOptions = z.input<typeof SamplePolicyOptions>;

/** Why `samplePolicy` gives up a prompt. */
export const POLICY_REJECTS = [
  "invalid_unicode",
  "empty_prompt",
  "template_error",
  "context_overflow",
  "not_recorded",
  "content_filter",
  "not_finite",
  "model_error",
  "other",
] as const satisfies readonly RejectReason[];

/**
 * Samples `n` replies to every prompt and keeps them all; one that breaks its format is kept with
 * `answer: null` and the rule that it broke. A reply depends on (seed, prompt id, index) alone.
 *
 * Throws `InputError` for bad options or input, `RunError` where items could not be done.
 */
export async function samplePolicy(
  given: SamplePolicyOptions,
  overrides: Partial<StageContext> = {},
  givenPolicy?: Policy,
): Promise<RepliesResult> {
  const options = SamplePolicyOptions.parse(given);
  const context = defaultContext(overrides);
  const shard = shardFrom(options.shard, context.env);
  const inputs = await hashInputs(options.prompts, { allowPartial: options.allowPartial });
  const policy = givenPolicy ?? await openPolicy(options, context);
  try {
    const { format, n, temperature, topP, topK, maxTokens, seed } = options;
    const { promptKey, keep, allowPartial } = options;
    const run = await runStage<Prompt & { where: string }, PolicyRecord>({
      stage: "sample-policy",
      out: options.out,
      options,
      affects: {
        model: givenPolicy ? options.model : await modelIdentity(options.model),
        format,
        n,
        temperature,
        topP,
        topK,
        maxTokens,
        seed,
        template: policy.templateHash,
        ...(keep.length > 0 ? { keep } : {}),
      },
      inputs,
      read: () => readPrompts(options.prompts, { promptKey, keep, allowPartial }),
      content: promptContent,
      work: (item, { signal }) => reply(item, policy, options, signal),
      tokensOf: (record) => record.responses.reduce((sum, each) => sum + each.completion_tokens, 0),
      reasons: POLICY_REJECTS,
      tally: tallyReplies,
      models: [policy.model.name],
      packages: packageVersions("@huggingface/transformers", "onnxruntime-node"),
      seed,
      shard,
      limit: options.limit,
      slots: fixedLimit(options.concurrency ?? policy.model.concurrency),
      timeoutMs: options.timeout * 1000,
    }, context);
    await writeOwnReport(options.out, run.worked > 0, context);
    return repliesResult(run);
  } finally {
    if (!givenPolicy) await policy.model.close();
  }
}

async function reply(
  item: Prompt,
  policy: Policy,
  options: z.output<typeof SamplePolicyOptions>,
  signal: AbortSignal,
): Promise<ItemOutcome<PolicyRecord>> {
  const { id, source, messages, extra } = item;
  const fault = promptFault(item);
  if (fault) return { reject: { reason: fault, detail: "no model can be asked this prompt" } };
  const { format, n, maxTokens, temperature, topP, topK, seed } = options;
  let prompt: string;
  try {
    prompt = policy.render(messages);
  } catch (error) {
    throw new ModelError("reject", messageOf(error), { reason: "template_error", cause: error });
  }
  const stop = stopsOf(format);
  const completions = await policy.model.complete({
    id,
    prompt: prompt + prefillFor(format, prompt),
    n,
    maxTokens,
    temperature,
    topP,
    topK,
    stop,
    includeStop: true,
    seed,
    signal,
  });
  const prefilled = prefillOf(format) !== "";
  const responses = completions.map(({ text, finishReason, completionTokens }, index) => {
    const { thought, answer, malformed } = parseReply(format, text, { finishReason, prefilled });
    return {
      index,
      text,
      thought,
      answer,
      malformed,
      finish_reason: finishReason,
      completion_tokens: completionTokens,
    };
  });
  const { name: model } = policy.model;
  const kept = extra === undefined ? {} : { extra };
  return { record: { id, source, prompt: messages, format, model, responses, ...kept } };
}

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
