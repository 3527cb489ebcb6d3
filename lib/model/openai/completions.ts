/** Chat completions, as OpenAI and compatible servers speak them: pure functions. */
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "openai/resources/chat/completions";
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { seedFor } from "../../core/random.ts";
import type { FinishReason } from "../../core/records.ts";
import { usageOf } from "../call/usage.ts";
import { wireMessages } from "../call/wire_messages.ts";
import { schemaAsked } from "../../reply/structured.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";

/**
 * The body of `POST /v1/chat/completions`. The limit goes by its older name, `max_tokens`, which
 * every compatible server knows. The seed is the item's own.
 */
export function completionsRequest(
  request: ChatRequest,
  model: string,
): ChatCompletionCreateParamsNonStreaming {
  const { id, messages, maxTokens, temperature, topP, seed, attempt } = request;
  const schema = schemaAsked(request);
  return {
    model,
    messages: wireMessages(messages) as ChatCompletionMessageParam[],
    // A record's reply is a text: the model knows of the tools, and calls none.
    ...(request.tools && {
      tools: request.tools as unknown as ChatCompletionTool[],
      tool_choice: "none" as const,
    }),
    max_tokens: maxTokens + (request.thinkingBudget ?? 0),
    temperature,
    top_p: topP,
    seed: seedFor(seed, id, attempt),
    ...(schema
      ? {
        response_format: {
          type: "json_schema" as const,
          json_schema: { ...schema, strict: true },
        },
      }
      : {}),
  };
}

const text = z.string().nullish();
const Usage = z.object({
  prompt_tokens: z.unknown().optional(),
  prompt_tokens_details: z.record(z.string(), z.unknown()).nullish().catch(null),
  completion_tokens: z.unknown().optional(),
  completion_tokens_details: z.record(z.string(), z.unknown()).nullish().catch(null),
}).nullish().catch(null);
const Body = z.object({
  choices: z.array(z.object({
    finish_reason: text,
    message: z.object({ content: text, refusal: text, reasoning_content: text, reasoning: text }),
  })).min(1),
  usage: Usage,
});

/**
 * Reads the body of a 200 reply; `reasoning_content` (DeepSeek, vLLM) and `reasoning` (its newer
 * name, OpenRouter) are the provider's own reasoning. A reply without a finish reason (some
 * compatible servers) ended by itself, unless it has `maxTokens` tokens.
 *
 * Throws `ModelError` of kind `retry` for a body that cannot be read.
 */
export function completionsReply(body: unknown, maxTokens = Infinity): ChatReply {
  const read = Body.safeParse(body);
  if (!read.success) {
    throw new ModelError("retry", "a reply that cannot be read", { paid: "unknown" });
  }
  const { message, finish_reason } = read.data.choices[0]!;
  const told = read.data.usage;
  const usage = usageOf({
    prompt: told?.prompt_tokens,
    completion: told?.completion_tokens,
    reasoning: told?.completion_tokens_details?.reasoning_tokens,
    cached: told?.prompt_tokens_details?.cached_tokens,
    cacheWrite: told?.prompt_tokens_details?.cache_write_tokens,
  });
  const raw = message.refusal ? "refusal" : finish_reason || "none";
  const cut = raw === "none" && usage.completion_tokens >= maxTokens;
  return {
    text: message.content ?? "",
    reasoning: message.reasoning_content ?? message.reasoning ?? null,
    finishReason: cut ? "length" : FINISH[raw.toLowerCase()] ?? "other",
    finishReasonRaw: raw,
    usage,
  };
}

/** OpenAI's words, and those of servers that follow it (TGI, llama.cpp, Mistral, LiteLLM). */
const FINISH: Record<string, FinishReason> = {
  stop: "stop",
  eos: "stop",
  eos_token: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  none: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  content_filter: "content_filter",
  refusal: "content_filter",
};
