/** A teacher that is paid for: paced, guarded against outages, watched, and every reply billed. */
import type { Usage } from "../core/records.ts";
import type { ChatModel, ChatReply, ChatRequest } from "../model/chat_model.ts";
import type { Bill } from "../model/prices/bill.ts";
import type { CircuitBreaker } from "../run/circuit_breaker.ts";
import { patience } from "../run/patience.ts";
import type { RateLimit } from "../run/rate_limit.ts";
import type { StallWatch } from "../run/stall_watch.ts";

/** What stands between the stage and the provider. */
export interface PaidTeacherParts {
  rate: RateLimit;
  breaker: CircuitBreaker;
  watch: StallWatch;
  bill: Bill;
  /** Replies come from batch jobs: another price, and a reply that is fetched again is the same. */
  batch: boolean;
  /** Aborted when the run is to stop: nothing that still waits for its turn is sent. */
  stop: AbortSignal;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Bytes of a prompt for a token, about: what pacing goes by. */
export const BYTES_PER_TOKEN = 4;

/** The same teacher, its requests paced and its replies billed before anything else is made of them. */
export function paidTeacher(model: ChatModel, parts: PaidTeacherParts): ChatModel {
  const { rate, breaker, watch, bill, batch, stop, now } = parts;
  let written = 0, replies = 0;
  /** A batch takes hours; any other try that takes far longer than all others has hung. */
  const patient = batch ? undefined : patience({ now });
  const send = (request: ChatRequest): Promise<ChatReply> =>
    patient === undefined ? model.reply(request) : patient.call(
      request.id,
      request.signal,
      (signal) => model.reply({ ...request, signal }),
    );

  return {
    name: model.name,
    promptsForTags: model.promptsForTags,
    concurrency: model.concurrency,
    async reply(request) {
      const giveBack = await bill.reserve(mostUsage(request), { batch });
      try {
        return await breaker.call(async () => {
          const likely = replies > 0 ? written / replies : Math.min(request.maxTokens, 1_000);
          const guess = promptBytes(request) / BYTES_PER_TOKEN + likely;
          await rate.take(guess, stop);
          stop.throwIfAborted();
          const leave = watch.enter();
          try {
            const reply = await send(request);
            bill.add(request.id, reply.usage, batch ? { batch, once: request.attempt } : {});
            replies++;
            written += reply.usage.completion_tokens;
            rate.settle(guess, reply.usage.prompt_tokens + reply.usage.completion_tokens);
            return reply;
          } finally {
            leave();
          }
        }, stop);
      } finally {
        giveBack();
      }
    },
    async close() {
      patient?.close();
      watch.close();
      bill.close();
      await model.close();
    },
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
