/** Gemini's generateContent: what is sent and what comes back, as pure functions. */
import type { GenerateContentRequest } from "@google/generative-ai";
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { seedFor } from "../../core/random.ts";
import type { FinishReason } from "../../core/records.ts";
import { structuredSchema } from "../../reply/structured.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";
import { thinkingConfig } from "./thinking.ts";

/**
 * The body of `POST /v1beta/models/MODEL:generateContent`. System messages go to the system
 * instruction, joined in order by an empty line; neighbouring turns of one role become the parts
 * of one turn, as the API wants roles to alternate. Gemini counts thinking against
 * `maxOutputTokens`, so its budget is added.
 */
export function geminiRequest(request: ChatRequest, model: string): GenerateContentRequest {
  const { id, messages, thinking, maxTokens, temperature, topP, seed, attempt } = request;
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const contents: { role: string; parts: { text: string }[] }[] = [];
  for (const { role, content } of messages) {
    if (role === "system") continue;
    const speaker = role === "assistant" ? "model" : "user";
    const last = contents.at(-1);
    if (last?.role === speaker) last.parts.push({ text: content });
    else contents.push({ role: speaker, parts: [{ text: content }] });
  }
  const { config, tokens } = thinkingConfig(model, thinking, request.thinkingBudget);
  const generationConfig = {
    maxOutputTokens: maxTokens + tokens,
    temperature,
    topP,
    seed: seedFor(seed, id, attempt),
    candidateCount: 1,
    ...(config ? { thinkingConfig: config } : {}),
    ...(thinking === "structured"
      ? { responseMimeType: "application/json", responseSchema: googleSchema() }
      : {}),
  };
  return {
    ...(system.length > 0
      ? { systemInstruction: { role: "system", parts: [{ text: system.join("\n\n") }] } }
      : {}),
    contents,
    // The SDK's types are older than `seed` and `thinkingConfig`; it passes them on as they are.
    generationConfig: generationConfig as GenerateContentRequest["generationConfig"],
  };
}

/** Google's schema language is a subset of OpenAPI 3.0: no `additionalProperties`. */
function googleSchema(): Record<string, unknown> {
  const { additionalProperties: _, ...schema } = structuredSchema();
  return { ...schema, propertyOrdering: schema.required };
}

const Body = z.object({
  candidates: z.array(z.object({
    finishReason: z.string().nullish(),
    content: z.object({
      parts: z.array(z.object({
        text: z.string().nullish(),
        thought: z.boolean().nullish(),
      })).nullish(),
    }).nullish(),
  })).nullish(),
  promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
  usageMetadata: z.object({
    promptTokenCount: z.number().nullish(),
    candidatesTokenCount: z.number().nullish(),
    thoughtsTokenCount: z.number().nullish(),
    cachedContentTokenCount: z.number().nullish(),
  }).nullish(),
});

/**
 * Reads a reply's body. Parts marked as thoughts are the provider's reasoning, the others the
 * text; the SDK's own `text()` would join both. Thoughts are completion tokens (they are billed so).
 *
 * Throws `ModelError`: `reject` / `prompt_blocked` where the prompt was refused, `retry` for a body
 * that cannot be read.
 */
export function geminiReply(body: unknown): ChatReply {
  const read = Body.safeParse(body);
  if (!read.success) throw new ModelError("retry", "gemini: a reply that cannot be read");
  const { candidates, promptFeedback, usageMetadata: usage } = read.data;
  if (promptFeedback?.blockReason) {
    throw new ModelError("reject", `gemini: the prompt is blocked: ${promptFeedback.blockReason}`, {
      reason: "prompt_blocked",
    });
  }
  const candidate = candidates?.[0];
  if (candidate === undefined) throw new ModelError("retry", "gemini: a reply without candidates");
  const parts = candidate.content?.parts ?? [];
  const join = (thought: boolean) =>
    parts.filter((part) => (part.thought === true) === thought).map((part) => part.text ?? "")
      .join("");
  const thoughts = usage?.thoughtsTokenCount ?? 0;
  const raw = candidate.finishReason ?? "FINISH_REASON_UNSPECIFIED";
  return {
    text: join(false),
    reasoning: join(true) || null,
    finishReason: FINISH[raw] ?? "other",
    finishReasonRaw: raw,
    usage: {
      prompt_tokens: usage?.promptTokenCount ?? 0,
      completion_tokens: (usage?.candidatesTokenCount ?? 0) + thoughts,
      reasoning_tokens: thoughts,
      cached_tokens: usage?.cachedContentTokenCount ?? 0,
    },
  };
}

const FINISH: Record<string, FinishReason> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
  BLOCKLIST: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  SPII: "content_filter",
  RECITATION: "recitation",
};
