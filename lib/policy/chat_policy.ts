/** A policy behind a chat API: its options held against what such an API can do. */
import { InputError } from "../core/errors.ts";
import type { PolicyRecord } from "../core/records.ts";
import { checkProviderLimits } from "../model/open.ts";
import { usageByBytes } from "../model/call/paid.ts";
import type { Binding } from "../model/batch/job_log.ts";
import type { PaidStage } from "../model/paid/open_paid.ts";
import type { PolicySettings } from "./policy_options.ts";

/** Options of a policy behind a chat API, its format chosen. */
export type ChatPolicySettings = PolicySettings & { format: "chat" | "chat-think" };

/** The options with their format, `chat` where none is given. Throws `InputError`. */
export function chatPolicySettings(options: PolicySettings): ChatPolicySettings {
  const { model, format = "chat", tokenizer, topK, record } = options;
  if (format !== "chat" && format !== "chat-think") {
    throw new InputError(
      `--format ${format}: ${model} is a chat API: its replies are chat or chat-think`,
    );
  }
  if (tokenizer !== undefined) {
    throw new InputError(`--tokenizer: ${model} renders its prompts itself: leave it out`);
  }
  if (options.templateArg.length > 0) {
    throw new InputError(`--template-arg: ${model} renders its prompts itself: leave it out`);
  }
  if (topK > 0) throw new InputError(`--top-k ${topK}: ${model} takes no such option`);
  if (record !== undefined) {
    throw new InputError(`--record: not for ${model} as a policy; OUT/records holds its replies`);
  }
  checkProviderLimits(options);
  return { ...options, format };
}

/** What the bill and open batches of a run go by. */
export function paidStageOf(settings: ChatPolicySettings): PaidStage {
  const { model, format, thinking, n, temperature, topP, maxTokens, seed, baseUrl } = settings;
  const { thinkingBudget = null, api = null } = settings;
  const binding: Binding = {
    ...{ model, format, thinking, n, temperature, topP, maxTokens, seed },
    ...{ thinkingBudget, api, baseUrl },
  };
  return { binding, replies: { of: paidIn, exact: false } };
}

/** Records don't tell what a prompt's tokens were: they are counted by its bytes. */
function paidIn({ id, prompt, responses }: PolicyRecord) {
  return responses.map(({ completion_tokens }) => ({
    id,
    usage: usageByBytes({ messages: prompt }, completion_tokens),
  }));
}
