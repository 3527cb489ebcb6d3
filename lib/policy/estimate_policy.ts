/** What a run of a policy behind a chat API would cost, before anything is sent. */
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { isChatPolicy } from "../model/open.ts";
import { type CostEstimate, estimateCost } from "../model/paid/estimate.ts";
import { promptRows } from "../run/record_run.ts";
import { chatRequest } from "./ask_chat.ts";
import { chatPolicySettings } from "./chat_policy.ts";
import type { PolicySettings } from "./policy_options.ts";

/** Completion tokens of a reply where none is known: short chats, with a thought or without. */
const ASSUMED = { "chat": 600, "chat-think": 2_500 };

/**
 * Estimates what `samplePolicy` with the same options would cost. Throws `InputError`, also for a
 * policy that costs nothing.
 */
export async function estimatePolicy(
  options: PolicySettings,
  context: StageContext,
): Promise<CostEstimate> {
  const { model, prompts } = options;
  if (!isChatPolicy(model)) throw new InputError(`--estimate: ${model} costs nothing`);
  const settings = chatPolicySettings(options), { n, format, maxTokens } = settings;
  return await estimateCost({
    ...{ model, options, where: [prompts].flat()[0]! },
    ...promptRows(options),
    requests: (prompt) => new Array(n).fill(chatRequest(prompt, settings)),
    assumed: Math.min(ASSUMED[format], maxTokens),
  }, context);
}
