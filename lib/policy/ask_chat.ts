/** One prompt's n replies from a policy behind a chat API. */
import { ModelError } from "../core/errors.ts";
import type { PolicyRecord, Prompt } from "../core/records.ts";
import { instructed } from "../model/call/instruction.ts";
import { refuseTools } from "../model/call/wire_messages.ts";
import type { ChatModel, ChatReply, ChatRequest } from "../model/chat_model.ts";
import { readChatReply } from "../reply/chat_reply.ts";
import type { ChatPolicySettings } from "./chat_policy.ts";

/** Asks for a prompt's replies; those that are paid for are kept between a runner's retries. */
export interface ChatPolicyAsker {
  ask(item: Prompt, signal: AbortSignal): Promise<PolicyRecord>;
}

/** An asker for one run. */
export function chatPolicyAsker(model: ChatModel, settings: ChatPolicySettings): ChatPolicyAsker {
  const asked = new Map<string, (ChatReply | undefined)[]>();
  const { format, thinking, n } = settings;
  return {
    async ask(item, signal) {
      const { id, source, messages, tools, extra } = item;
      if (!model.takesTools) refuseTools(item, model.name);
      const replies = asked.get(id) ?? new Array<ChatReply | undefined>(n).fill(undefined);
      asked.set(id, replies);
      // A reply's seed goes by its index, so that each is another one.
      const settled = await Promise.allSettled(replies.map(async (there, attempt) => {
        replies[attempt] = there ??
          await model.reply({ ...chatRequest(item, settings), attempt, signal });
      }));
      const failures = settled.filter((each) => each.status === "rejected")
        .map(({ reason }) => reason as unknown);
      if (failures.length > 0) throw failures.find((each) => !mayPass(each)) ?? failures[0];
      asked.delete(id);
      const responses = replies.map((reply, index) => {
        const { finishReason, usage } = reply!;
        const { text, thought, answer, malformed } = readChatReply(format, reply!, thinking);
        const tokens = { finish_reason: finishReason, completion_tokens: usage.completion_tokens };
        return { index, text, thought, answer, malformed, ...tokens };
      });
      const { name } = model, kept = { ...(tools && { tools }), ...(extra && { extra }) };
      return { id, source, prompt: messages, format, model: name, responses, ...kept };
    },
  };
}

/** What one of a prompt's replies is asked with; the first of them. */
export function chatRequest(
  { id, messages, tools }: Pick<Prompt, "id" | "messages" | "tools">,
  settings: ChatPolicySettings,
): ChatRequest {
  const { format, maxTokens, temperature, topP, seed, thinkingBudget } = settings;
  const thinking = format === "chat" ? "none" : settings.thinking;
  return {
    id,
    messages: instructed(messages, thinking),
    ...(tools && { tools }),
    thinking,
    maxTokens,
    temperature,
    topP,
    seed,
    attempt: 0,
    ...(thinkingBudget === undefined ? {} : { thinkingBudget }),
  };
}

function mayPass(error: unknown): boolean {
  return error instanceof ModelError && error.kind === "retry";
}
