/** Chat completions, as OpenAI and compatible servers speak them: pure functions. */
import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { seedFor } from "../../core/random.ts";
import type { FinishReason } from "../../core/records.ts";
import { STRUCTURED_NAME, structuredSchema } from "../../reply/structured.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";

/**
 * The body of `POST /v1/chat/completions`. The limit goes by its older name, `max_tokens`, which
 * every compatible server knows. The seed is the item's own.
 */
export function completionsRequest(
  request: ChatRequest,
  model: string,
): ChatCompletionCreateParamsNonStreaming {
  const { id, messages, thinking, maxTokens, temperature, topP, seed, attempt } = request;
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    max_tokens: maxTokens + (request.thinkingBudget ?? 0),
    temperature,
    top_p: topP,
    seed: seedFor(seed, id, attempt),
    ...(thinking === "structured"
      ? {
        response_format: {
          type: "json_schema" as const,
          json_schema: { name: STRUCTURED_NAME, schema: structuredSchema(), strict: true },
        },
      }
      : {}),
  };
}

const Body = z.object({
  choices: z.array(z.object({
    finish_reason: z.string().nullish(),
    message: z.object({
      content: z.string().nullish(),
      refusal: z.string().nullish(),
      reasoning_content: z.string().nullish(),
      reasoning: z.string().nullish(),
    }),
  })).min(1),
  usage: z.object({
    prompt_tokens: z.number(),
    prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
    completion_tokens: z.number().nullish(),
    completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
  }).nullish(),
});

/**
 * Reads the body of a 200 reply; `reasoning_content` (DeepSeek, vLLM) and `reasoning` (its newer
 * name, OpenRouter) are the provider's own reasoning.
 *
 * Throws `ModelError` of kind `retry` for a body that cannot be read.
 */
export function completionsReply(body: unknown): ChatReply {
  const read = Body.safeParse(body);
  if (!read.success) throw new ModelError("retry", "openai: a reply that cannot be read");
  const { message, finish_reason } = read.data.choices[0]!;
  const { usage } = read.data;
  const raw = message.refusal ? "refusal" : finish_reason ?? "unknown";
  return {
    text: message.content ?? "",
    reasoning: message.reasoning_content ?? message.reasoning ?? null,
    finishReason: FINISH[raw] ?? "other",
    finishReasonRaw: raw,
    usage: {
      prompt_tokens: usage?.prompt_tokens ?? 0,
      completion_tokens: usage?.completion_tokens ?? 0,
      reasoning_tokens: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
      cached_tokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
    },
  };
}

const FINISH: Record<string, FinishReason> = {
  stop: "stop",
  length: "length",
  content_filter: "content_filter",
  refusal: "content_filter",
};
