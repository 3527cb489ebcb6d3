/** Stage 3a with a policy behind a chat API: n requests a prompt, each paid for. */
import type { PolicyRecord } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { instructionOf } from "../model/call/instruction.ts";
import { identityKey, identityOf } from "../model/model_identity.ts";
import { openPaidRun } from "../model/paid/paid_run.ts";
import { runRecords } from "../report/record_stage.ts";
import type { StageCall } from "../run/define_stage.ts";
import { type PromptItem, promptRun, promptWork } from "../run/record_run.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";
import { chatPolicyAsker } from "./ask_chat.ts";
import { chatPolicySettings, paidStageOf } from "./chat_policy.ts";
import type { SamplePolicyOptions } from "./policy_options.ts";
import { commonRun } from "./policy_run.ts";

/**
 * Samples `n` replies a prompt through a chat API, behind pace, circuit breaker, bill and cap. A
 * reply that is paid for is not asked for again while the run goes on; a batch's never is.
 */
export async function sampleChatPolicy(
  call: Omit<StageCall<typeof SamplePolicyOptions>, "model">,
): Promise<RepliesResult> {
  const { context } = call, settings = chatPolicySettings(call.options);
  const input = await promptRun(settings, context);
  const run = await runRecords<PromptItem, PolicyRecord>(call, input, async (opening) => {
    const stage = paidStageOf(settings), { format, thinking, thinkingBudget, api, n } = settings;
    const { model, ...reached } = await openPaidRun(settings, stage, opening, context, n);
    const identity = await identityOf(settings.model, model, context);
    const asker = chatPolicyAsker(model, settings), common = commonRun(settings);
    return {
      ...common,
      ...reached,
      affects: {
        ...common.affects,
        model: identityKey(identity),
        ...(format === "chat-think" ? { thinking, instruction: instructionOf(thinking) } : {}),
        ...(thinkingBudget === undefined ? {} : { thinkingBudget }),
        ...(api === undefined ? {} : { api }),
      },
      work: promptWork(async (item, signal) => ({ record: await asker.ask(item, signal) })),
      models: [model.name],
      identities: { model: identity },
      packages: packageVersions("openai", "@google/genai", "@google/generative-ai"),
    };
  });
  return repliesResult(run);
}
