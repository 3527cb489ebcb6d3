/** Stage 3a: n replies a prompt from the policy, each taken apart by its format. */
import type { StageContext } from "../core/context.ts";
import { defaultContext } from "../core/context.ts";
import { InputError, messageOf, ModelError } from "../core/errors.ts";
import { parseOptions } from "../core/options.ts";
import type { Format, PolicyRecord, Prompt } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { givenIdentity, identityKey, identityOf } from "../model/model_identity.ts";
import { isChatPolicy, openPolicy, type Policy } from "../model/open.ts";
import { prefillFor, prefillOf, stopsOf } from "../reply/format.ts";
import { parseReply } from "../reply/parse_reply.ts";
import { agreedFormat } from "../reply/prompt_format.ts";
import { writeOwnReport } from "../report/own_report.ts";
import { fixedLimit } from "../run/concurrency_limit.ts";
import { promptWork } from "../run/record_run.ts";
import { type ItemOutcome, runStage } from "../run/run_stage.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";
import { type PolicySettings, SamplePolicyOptions } from "./policy_options.ts";
import { commonRun } from "./policy_run.ts";
import { sampleChatPolicy } from "./sample_chat.ts";

export { POLICY_REJECTS, SamplePolicyOptions } from "./policy_options.ts";

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
  const options = parseOptions(SamplePolicyOptions, given);
  const context = defaultContext(overrides);
  if (options.estimate) throw new InputError("--estimate: call estimatePolicy; this one samples");
  if (givenPolicy === undefined && isChatPolicy(options.model)) {
    return await sampleChatPolicy(options, context);
  }
  const policy = givenPolicy ?? await openPolicy(options, context);
  try {
    const { tokenizerRevision: revision, templateHash: version } = policy;
    const tokenizer = revision && { name: options.tokenizer ?? options.model, version, revision };
    const identity = givenPolicy
      ? await givenIdentity(policy.model, context)
      : await identityOf(options.model, policy.model, context);
    const format = agreedFormat(options.format, policy.render, context.log);
    const settings = { ...options, format };
    const common = await commonRun(settings, context);
    const run = await runStage<Prompt & { where: string }, PolicyRecord>({
      ...common,
      affects: {
        ...common.affects,
        model: identityKey(identity),
        topK: options.topK,
        template: policy.templateHash,
      },
      work: promptWork((item, signal) => reply(item, policy, settings, signal)),
      models: [policy.model.name],
      identities: { model: identity, ...(tokenizer ? { tokenizer } : {}) },
      packages: packageVersions("@huggingface/transformers", "onnxruntime-node"),
      slots: fixedLimit(options.concurrency ?? policy.model.concurrency),
      timeoutMs: options.timeout * 1000,
    }, context);
    await writeOwnReport(options.out, "policy", run.worked > 0, context);
    return repliesResult(run);
  } finally {
    if (!givenPolicy) await policy.model.close();
  }
}

async function reply(
  item: Prompt,
  policy: Policy,
  options: PolicySettings & { format: Format },
  signal: AbortSignal,
): Promise<ItemOutcome<PolicyRecord>> {
  const { id, source, messages, tools, extra } = item;
  const { format, n, maxTokens, temperature, topP, topK, seed } = options;
  let prompt: string;
  try {
    prompt = policy.render(messages, tools);
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
  const kept = { ...(tools && { tools }), ...(extra && { extra }) };
  return { record: { id, source, prompt: messages, format, model, responses, ...kept } };
}
