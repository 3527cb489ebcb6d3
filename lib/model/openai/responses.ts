/** OpenAI's Responses API: what is sent and what comes back, as pure functions. */
import type { ResponseCreateParamsNonStreaming } from "openai/resources/responses/responses";
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import type { FinishReason } from "../../core/records.ts";
import { STRUCTURED_NAME, structuredSchema } from "../../reply/structured.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";

/**
 * The body of `POST /v1/responses`. Nothing is stored with the provider. Reasoning counts against
 * `max_output_tokens`, so a thinking budget is added to it.
 */
export function responsesRequest(
  request: ChatRequest,
  model: string,
): ResponseCreateParamsNonStreaming {
  const { messages, thinking, maxTokens, temperature, topP, thinkingBudget } = request;
  return {
    model,
    input: messages.map(({ role, content }) => ({ role, content })),
    max_output_tokens: maxTokens + (thinkingBudget ?? 0),
    temperature,
    top_p: topP,
    store: false,
    ...(thinking === "native" ? { reasoning: { summary: "auto" as const } } : {}),
    ...(thinking === "structured"
      ? {
        text: {
          format: {
            type: "json_schema" as const,
            name: STRUCTURED_NAME,
            schema: structuredSchema(),
            strict: true,
          },
        },
      }
      : {}),
  };
}

const Body = z.object({
  status: z.string().nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  output: z.array(z.object({
    type: z.string(),
    content: z.array(z.object({
      type: z.string(),
      text: z.string().nullish(),
      refusal: z.string().nullish(),
    })).nullish(),
    summary: z.array(z.object({ text: z.string() })).nullish(),
  })),
  usage: z.object({
    input_tokens: z.number(),
    input_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
    output_tokens: z.number(),
    output_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
  }).nullish(),
});

/**
 * Reads the body of a 200 reply. A refusal is `content_filter` with the raw word `refusal`.
 *
 * Throws `ModelError`: `retry` for a response that failed on the provider's side or has no
 * readable body, `reject` where it says the prompt is at fault.
 */
export function responsesReply(body: unknown): ChatReply {
  const read = Body.safeParse(body);
  if (!read.success) throw new ModelError("retry", "openai: a reply that cannot be read");
  const { status, incomplete_details, error, output, usage } = read.data;
  if (status === "failed" || status === "cancelled") {
    const blocked = error?.code === "invalid_prompt";
    const text = `openai: response ${status}: ${error?.code ?? ""} ${error?.message ?? ""}`.trim();
    throw new ModelError(blocked ? "reject" : "retry", text, {
      reason: "prompt_blocked",
      throttled: error?.code === "rate_limit_exceeded",
    });
  }
  const parts = output.filter((item) => item.type === "message").flatMap((m) => m.content ?? []);
  const texts = parts.filter((part) => part.type === "output_text").map((part) => part.text ?? "");
  const refused = parts.some((part) => part.type === "refusal");
  const summaries = output.filter((item) => item.type === "reasoning")
    .flatMap((item) => item.summary ?? []).map((part) => part.text);
  const raw = refused ? "refusal" : incomplete_details?.reason ?? status ?? "unknown";
  return {
    text: texts.join(""),
    reasoning: summaries.length > 0 ? summaries.join("\n\n") : null,
    finishReason: FINISH[raw] ?? "other",
    finishReasonRaw: raw,
    usage: {
      prompt_tokens: usage?.input_tokens ?? 0,
      completion_tokens: usage?.output_tokens ?? 0,
      reasoning_tokens: usage?.output_tokens_details?.reasoning_tokens ?? 0,
      cached_tokens: usage?.input_tokens_details?.cached_tokens ?? 0,
    },
  };
}

const FINISH: Record<string, FinishReason> = {
  completed: "stop",
  max_output_tokens: "length",
  content_filter: "content_filter",
  refusal: "content_filter",
};
