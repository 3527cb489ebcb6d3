/** Stage 3a with a policy behind a chat API: n requests a prompt, each paid for. */
import type { StageContext } from "../core/context.ts";
import { PolicyRecord, type Prompt } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { instructionOf } from "../model/call/instruction.ts";
import { identityKey, identityOf } from "../model/model_identity.ts";
import { NO_TIMEOUT_MS, openPaidChat, paidSlots, watchOf } from "../model/paid/open_paid.ts";
import { writeOwnReport } from "../report/own_report.ts";
import { PAID_ATTEMPTS } from "../run/retry.ts";
import { promptWork } from "../run/record_run.ts";
import { openRunFolder } from "../run/run_folder.ts";
import { runStage } from "../run/run_stage.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";
import { chatPolicyAsker } from "./ask_chat.ts";
import { chatPolicySettings, paidStageOf } from "./chat_policy.ts";
import type { PolicySettings } from "./policy_options.ts";
import { commonRun } from "./policy_run.ts";

/**
 * Samples `n` replies a prompt through a chat API, behind pace, circuit breaker, bill and cap. A
 * reply that is paid for is not asked for again while the run goes on; a batch's never is.
 *
 * Throws `InputError` for bad options or input, `LimitReached` at the spending cap, `RunError` where
 * items could not be done.
 */
export async function sampleChatPolicy(
  options: PolicySettings,
  context: StageContext,
): Promise<RepliesResult> {
  const settings = chatPolicySettings(options);
  const common = await commonRun(settings, context);
  const folder = openRunFolder(options.out, common.shard, context.disk);
  let close = async () => {};
  try {
    const { model, paid } = await openPaidChat(settings, paidStageOf(settings), folder, context);
    close = () => model.close();
    const identity = await identityOf(options.model, model, context);
    const asker = chatPolicyAsker(model, settings);
    const { format, thinking, thinkingBudget, api } = settings;
    const run = await runStage<Prompt & { where: string }, PolicyRecord>({
      ...common,
      folder,
      affects: {
        ...common.affects,
        model: identityKey(identity),
        ...(format === "chat-think" ? { thinking, instruction: instructionOf(thinking) } : {}),
        ...(thinkingBudget === undefined ? {} : { thinkingBudget }),
        ...(api === undefined ? {} : { api }),
      },
      watch: watchOf(settings),
      work: promptWork(async (item, signal) => ({ record: await asker.ask(item, signal) })),
      paid,
      models: [model.name],
      identities: { model: identity },
      packages: packageVersions("openai", "@google/genai", "@google/generative-ai"),
      slots: paidSlots(settings, model, settings.n),
      attempts: PAID_ATTEMPTS,
      timeoutMs: NO_TIMEOUT_MS,
    }, context);
    await writeOwnReport(options.out, "policy", run.worked > 0, context);
    return repliesResult(run);
  } finally {
    try {
      await close();
    } finally {
      folder.close();
    }
  }
}
