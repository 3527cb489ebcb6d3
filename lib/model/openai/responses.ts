/** OpenAI's Responses API: what is sent and what comes back, as pure functions. */
import type { ResponseCreateParamsNonStreaming } from "openai/resources/responses/responses";
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import type { FinishReason, Usage } from "../../core/records.ts";
import { schemaAsked } from "../../reply/structured.ts";
import { usageOf } from "../call/usage.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";
import { BLOCKED } from "../provider_error.ts";

/**
 * The body of `POST /v1/responses`. Nothing is stored with the provider. Reasoning counts against
 * `max_output_tokens`, so a thinking budget is added to it.
 */
export function responsesRequest(
  request: ChatRequest,
  model: string,
): ResponseCreateParamsNonStreaming {
  const { messages, thinking, maxTokens, temperature, topP, thinkingBudget } = request;
  const schema = schemaAsked(request);
  return {
    model,
    input: messages.map(({ role, content }) => ({ role: role as "user", content })),
    max_output_tokens: maxTokens + (thinkingBudget ?? 0),
    temperature,
    top_p: topP,
    store: false,
    ...(thinking === "native" ? { reasoning: { summary: "auto" as const } } : {}),
    ...(schema
      ? { text: { format: { type: "json_schema" as const, ...schema, strict: true } } }
      : {}),
  };
}

const Body = z.object({
  status: z.string().nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  output: z.array(z.object({
    type: z.string(),
    /** Of a message: `commentary` is what a model says on its way to the answer. */
    phase: z.string().nullish(),
    content: z.array(z.object({
      type: z.string(),
      text: z.string().nullish(),
      refusal: z.string().nullish(),
    })).nullish(),
    summary: z.array(z.object({ text: z.string() })).nullish(),
  })).nullish(),
  usage: z.object({
    input_tokens: z.unknown().optional(),
    input_tokens_details: z.record(z.string(), z.unknown()).nullish().catch(null),
    output_tokens: z.unknown().optional(),
    output_tokens_details: z.record(z.string(), z.unknown()).nullish().catch(null),
  }).nullish().catch(null),
});
type Output = NonNullable<z.infer<typeof Body>["output"]>;

/**
 * Reads the body of a 200 reply. A refusal is `content_filter` with the raw word `refusal`.
 *
 * Throws `ModelError`: `retry` for a response that failed on the provider's side or has no
 * readable body, `reject` where it says the prompt is at fault.
 */
export function responsesReply(body: unknown): ChatReply {
  const read = Body.safeParse(body);
  if (!read.success) throw unreadable();
  const { status, incomplete_details, error, output, usage: told } = read.data;
  const usage = usageOf({
    prompt: told?.input_tokens,
    completion: told?.output_tokens,
    reasoning: told?.output_tokens_details?.reasoning_tokens,
    cached: told?.input_tokens_details?.cached_tokens,
    cacheWrite: told?.input_tokens_details?.cache_write_tokens,
  });
  if (status === "failed" || status === "cancelled") {
    throw failed(status, error, told ? usage : undefined);
  }
  if (!output) throw unreadable();
  const parts = output.filter((item) => item.type === "message" && item.phase !== "commentary")
    .flatMap((item) => item.content ?? []);
  const texts = parts.filter((part) => part.type === "output_text").map((part) => part.text ?? "");
  const refused = parts.some((part) => part.type === "refusal");
  const raw = refused ? "refusal" : incomplete_details?.reason ?? status ?? "unknown";
  return {
    text: texts.join(""),
    reasoning: reasoningOf(output),
    finishReason: FINISH[raw] ?? "other",
    finishReasonRaw: raw,
    usage,
  };
}

/** The reasoning itself, which compatible servers show (vLLM, SGLang); else its summary. */
function reasoningOf(output: Output): string | null {
  const items = output.filter((item) => item.type === "reasoning");
  const whole = items.flatMap((item) => item.content ?? [])
    .filter((part) => part.type === "reasoning_text").map((part) => part.text ?? "");
  const summaries = items.flatMap((item) => item.summary ?? []).map((part) => part.text);
  if (whole.length > 0) return whole.join("");
  return summaries.length > 0 ? summaries.join("\n\n") : null;
}

function failed(
  status: string,
  error: z.infer<typeof Body>["error"],
  paid: Usage | undefined,
): ModelError {
  const code = error?.code ?? "";
  const message = [`response ${status}`, code, error?.message].filter(Boolean).join(": ");
  // Words for the prompt's own fault: nothing of that kind passes.
  const blocked = BLOCKED.test(code);
  return new ModelError(blocked ? "reject" : "retry", message, {
    reason: "prompt_blocked",
    throttled: code === "rate_limit_exceeded",
    paid,
  });
}

function unreadable(): ModelError {
  return new ModelError("retry", "a reply that cannot be read", { paid: "unknown" });
}

const FINISH: Record<string, FinishReason> = {
  completed: "stop",
  max_output_tokens: "length",
  content_filter: "content_filter",
  refusal: "content_filter",
};
