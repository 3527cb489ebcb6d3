/** Stage 3a: n replies a prompt from the policy, each taken apart by its format. */
import { InputError, messageOf, ModelError } from "../core/errors.ts";
import type { Format, PolicyRecord, Prompt } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { checkGiven } from "../model/given_model.ts";
import { givenIdentity, identityKey, identityOf } from "../model/model_identity.ts";
import { isChatPolicy, openPolicy, type Policy } from "../model/open.ts";
import { freeRun } from "../model/paid/paid_run.ts";
import { prefillFor, prefillOf, stopsOf } from "../reply/format.ts";
import { parseReply } from "../reply/parse_reply.ts";
import { agreedFormat } from "../reply/prompt_format.ts";
import { runRecords } from "../report/record_stage.ts";
import type { StageCall } from "../run/define_stage.ts";
import { type PromptItem, promptRun, promptWork } from "../run/record_run.ts";
import type { ItemOutcome } from "../run/run_stage.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";
import type { PolicySettings, SamplePolicyOptions } from "./policy_options.ts";
import { commonRun } from "./policy_run.ts";
import { sampleChatPolicy } from "./sample_chat.ts";

/** Runs `sample-policy`. A reply depends on (seed, prompt id, index) alone. */
export async function samplePolicy(
  call: StageCall<typeof SamplePolicyOptions, Policy>,
): Promise<RepliesResult> {
  const { options, context, model: given } = call;
  if (options.estimate) throw new InputError("--estimate: call estimatePolicy; this one samples");
  if (given !== undefined) checkGiven(given, "Policy");
  if (given === undefined && isChatPolicy(options.model)) return await sampleChatPolicy(call);
  const input = await promptRun(options, context);
  const run = await runRecords<PromptItem, PolicyRecord>(call, input, async ({ closing }) => {
    const policy = given ?? await openPolicy(options, context), { model } = policy;
    if (!given) closing(model);
    const { tokenizerRevision: revision, templateHash: version } = policy;
    const tokenizer = revision && { name: options.tokenizer ?? options.model, version, revision };
    const identity = given
      ? await givenIdentity(model, context)
      : await identityOf(options.model, model, context);
    const format = agreedFormat(options.format, policy.render, context.log);
    const settings = { ...options, format }, common = commonRun(settings);
    return {
      ...common,
      affects: {
        ...common.affects,
        model: identityKey(identity),
        topK: options.topK,
        template: policy.templateHash,
      },
      work: promptWork((item, signal) => reply(item, policy, settings, signal)),
      models: [model.name],
      identities: { model: identity, ...(tokenizer ? { tokenizer } : {}) },
      packages: packageVersions("@huggingface/transformers", "onnxruntime-node"),
      ...freeRun(options, [model]),
    };
  });
  return repliesResult(run);
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
