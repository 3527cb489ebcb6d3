/** Wrappers for calls that are paid for: the pace that a provider allows, the bill, and its cap. */
import type { Usage } from "../../core/records.ts";
import type { RateLimit } from "../../run/rate_limit.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";
import type { Bill } from "../prices/bill.ts";
import type { Wrapper } from "./call.ts";

/** Bytes of a prompt for a token, about: what pacing goes by. */
export const BYTES_PER_TOKEN = 4;

/**
 * Holds back what a request may cost at most, and writes its reply down before anything else is
 * made of it. Throws `LimitReached` where the cap leaves no room. Outermost, so that nothing that
 * waits for its turn is forgotten by the cap.
 *
 * @param options.batch another price, and a reply that is fetched again is the same one
 */
export function billed(bill: Bill, { batch }: { batch: boolean }): Wrapper<ChatRequest, ChatReply> {
  return (next) => async (request, signal) => {
    const giveBack = await bill.reserve(mostUsage(request), { batch });
    try {
      const reply = await next(request, signal);
      bill.add(request.id, reply.usage, batch ? { batch, once: request.attempt } : {});
      return reply;
    } finally {
      giveBack();
    }
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
export function promptBytes({ messages }: Pick<ChatRequest, "messages">): number {
  const encoder = new TextEncoder();
  return messages.reduce((sum, { content }) => sum + encoder.encode(content).length, 0);
}
