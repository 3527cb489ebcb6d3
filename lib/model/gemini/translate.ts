/** Gemini's generateContent: what is sent and what comes back, as pure functions. */
import type { GenerateContentRequest } from "@google/generative-ai";
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { seedFor } from "../../core/random.ts";
import type { FinishReason } from "../../core/records.ts";
import { schemaAsked } from "../../reply/structured.ts";
import { usageOf } from "../call/usage.ts";
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
  const schema = schemaAsked(request);
  const generationConfig = {
    maxOutputTokens: maxTokens + tokens,
    temperature,
    topP,
    seed: seedFor(seed, id, attempt),
    candidateCount: 1,
    ...(config ? { thinkingConfig: config } : {}),
    ...(schema
      ? { responseMimeType: "application/json", responseSchema: googleSchema(schema.schema) }
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

/** Google's schema language is a subset of OpenAPI 3.0: types in capitals, no `additionalProperties`. */
function googleSchema(schema: Record<string, unknown>): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema), (key, value) => {
    if (key === "type" && typeof value === "string") return value.toUpperCase();
    if (typeof value !== "object" || value === null || value.required === undefined) return value;
    const { additionalProperties: _, ...rest } = value;
    return { ...rest, propertyOrdering: rest.required };
  });
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
  usageMetadata: z.record(z.string(), z.unknown()).nullish().catch(null),
});

/**
 * Reads a reply's body. Parts marked as thoughts are the provider's reasoning, the others the
 * text; the SDK's own `text()` would join both. Thoughts are completion tokens (they are billed so).
 *
 * Throws `ModelError`: `reject` / `prompt_blocked` where the prompt was refused, which is billed
 * too, `retry` for a body that cannot be read.
 */
export function geminiReply(body: unknown): ChatReply {
  const read = Body.safeParse(body);
  if (!read.success) {
    throw new ModelError("retry", "a reply that cannot be read", { paid: "unknown" });
  }
  const { candidates, promptFeedback, usageMetadata: told } = read.data;
  const thoughts = told?.thoughtsTokenCount;
  const written = told?.candidatesTokenCount;
  const usage = usageOf({
    prompt: told?.promptTokenCount,
    completion: typeof thoughts === "number" && thoughts > 0
      ? thoughts + (typeof written === "number" ? written : 0)
      : written,
    reasoning: thoughts,
    cached: told?.cachedContentTokenCount,
  });
  const paid = told ? usage : "unknown";
  if (promptFeedback?.blockReason) {
    throw new ModelError("reject", `the prompt is blocked: ${promptFeedback.blockReason}`, {
      reason: "prompt_blocked",
      paid: told ? usage : undefined,
    });
  }
  const candidate = candidates?.[0];
  if (candidate === undefined) {
    throw new ModelError("retry", "a reply without candidates", { paid });
  }
  const parts = candidate.content?.parts ?? [];
  const join = (thought: boolean) =>
    parts.filter((part) => (part.thought === true) === thought).map((part) => part.text ?? "")
      .join("");
  const raw = candidate.finishReason ?? "FINISH_REASON_UNSPECIFIED";
  return {
    text: join(false),
    reasoning: join(true) || null,
    finishReason: FINISH[raw] ?? "other",
    finishReasonRaw: raw,
    usage,
  };
}

/** A model's name without `models/`, which the API's lists put before it. */
export function geminiName(model: string): string {
  return model.replace(/^models\//, "");
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
