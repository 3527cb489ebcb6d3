/** Wrappers for calls that are paid for: the pace that a provider allows, the bill, and its cap. */
import { Buffer } from "node:buffer";
import { ModelError } from "../../core/errors.ts";
import type { Usage } from "../../core/records.ts";
import type { RateLimit } from "../../run/rate_limit.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";
import type { Bill } from "../prices/bill.ts";
import type { Wrapper } from "./call.ts";

/** Bytes of a prompt for a token, about: what pacing goes by. */
export const BYTES_PER_TOKEN = 4;
/** The same where a bill goes by it: texts beyond ASCII have fewer. */
const SAFE_BYTES_PER_TOKEN = 3;

/**
 * Holds back what a request may cost at most, and writes its reply down before anything else is
 * made of it; one without usage is counted by its bytes, and so is what a failed call is billed
 * for. Throws `LimitReached` where the cap leaves no room. Outermost, so that nothing that
 * waits for its turn is forgotten by the cap.
 *
 * @param options.batch another price, and a reply that is fetched again is the same one
 */
export function billed(
  bill: Bill,
  { batch, log }: { batch: boolean; log: (line: string) => void },
): Wrapper<ChatRequest, ChatReply> {
  let written = 0, replies = 0, said = false;
  const byBytes = (request: ChatRequest, completion: number): Usage => {
    if (!said) log("a reply came without its usage: its tokens are counted by its bytes");
    said = true;
    return usageByBytes(request, completion);
  };
  return (next) => async (request, signal) => {
    const giveBack = await bill.reserve(mostUsage(request), { batch });
    try {
      let reply = await next(request, signal);
      if (isUntold(reply)) {
        const bytes = Buffer.byteLength(reply.text) + Buffer.byteLength(reply.reasoning ?? "");
        reply = { ...reply, usage: byBytes(request, Math.ceil(bytes / SAFE_BYTES_PER_TOKEN)) };
      }
      bill.add(request.id, reply.usage, batch ? { batch, once: request.attempt } : {});
      written += reply.usage.completion_tokens;
      replies++;
      return reply;
    } catch (error) {
      if (error instanceof ModelError && error.paid !== undefined) {
        const likely = replies > 0 ? Math.ceil(written / replies) : request.maxTokens;
        const paid = error.paid === "unknown" ? byBytes(request, likely) : error.paid;
        bill.add(request.id, paid, { batch });
      }
      throw error;
    } finally {
      giveBack();
    }
  };
}

/** No reply is made of no prompt, and no text of no tokens. */
function isUntold({ usage, text }: ChatReply): boolean {
  return usage.prompt_tokens === 0 || usage.completion_tokens === 0 && text !== "";
}

/** Usage of a reply that came without, on the safe side; `completion` is in tokens. */
export function usageByBytes(
  request: Pick<ChatRequest, "messages">,
  completion: number,
): Usage {
  return {
    prompt_tokens: Math.ceil(promptBytes(request) / SAFE_BYTES_PER_TOKEN) +
      4 * request.messages.length,
    completion_tokens: completion,
    reasoning_tokens: 0,
    estimated: true,
  };
}

/** Waits for the request's turn by requests and tokens a minute. `stop` ends the waiting. */
export function paced(rate: RateLimit, stop: AbortSignal): Wrapper<ChatRequest, ChatReply> {
  let written = 0, replies = 0;
  return (next) => async (request, signal) => {
    const likely = replies > 0 ? written / replies : Math.min(request.maxTokens, 1_000);
    const guess = promptBytes(request) / BYTES_PER_TOKEN + likely;
    await rate.take(guess, stop);
    stop.throwIfAborted();
    const reply = await next(request, signal);
    replies++;
    written += reply.usage.completion_tokens;
    rate.settle(guess, reply.usage.prompt_tokens + reply.usage.completion_tokens);
    return reply;
  };
}

/**
 * The most that a request can be billed for. A byte-level vocabulary has at most one token a byte;
 * providers put a few around each message, and a schema before them.
 */
export function mostUsage(request: ChatRequest): Usage {
  const { messages, maxTokens, thinking, thinkingBudget } = request;
  const around = 16 * (messages.length + 1) + (thinking === "structured" ? 400 : 0);
  const thought = thinkingBudget ?? (thinking === "native" ? 8_192 : 1_024);
  return {
    prompt_tokens: promptBytes(request) + around,
    completion_tokens: maxTokens + thought,
    reasoning_tokens: 0,
  };
}

/** UTF-8 bytes of a request's messages. */
export function promptBytes(
  { messages, tools }: Pick<ChatRequest, "messages" | "tools">,
): number {
  const told = tools === undefined ? 0 : Buffer.byteLength(JSON.stringify(tools));
  return messages.reduce((sum, { content, tool_calls }) => {
    const called = tool_calls === undefined ? 0 : Buffer.byteLength(JSON.stringify(tool_calls));
    return sum + Buffer.byteLength(content) + called;
  }, told);
}
