/** The two files of OpenAI's Batch API, line by line: pure functions. */
import { z } from "zod";
import { ModelError } from "../../core/errors.ts";
import { jsonValue } from "../../core/json_value.ts";
import type { BatchResult } from "../batch/batch_api.ts";
import { readResult } from "../batch/provider_calls.ts";
import type { ChatRequest } from "../chat_model.ts";
import { providerError } from "../provider_error.ts";
import type { OpenaiApi } from "./openai_api.ts";
import { openaiReply } from "./openai_chat.ts";
import type { OpenaiRefusal } from "./openai_parameters.ts";

/** Where a batch's requests go. */
export const BATCH_ENDPOINT = {
  responses: "/v1/responses",
  chat: "/v1/chat/completions",
} as const satisfies Record<OpenaiApi, string>;

/** One request's line, with its newline. */
export function batchLine(customId: string, api: OpenaiApi, body: Record<string, unknown>): string {
  const line = { custom_id: customId, method: "POST", url: BATCH_ENDPOINT[api], body };
  return `${JSON.stringify(line)}\n`;
}

/** A request that was refused, and how: it may be for a parameter that can be left out. */
export interface RefusedLine {
  customId: string;
  error: ModelError;
  refusal: OpenaiRefusal;
}

/** What a line is read with. */
export interface LineContext {
  api: OpenaiApi;
  model: string;
  /** Withheld from what is said. */
  key: string | undefined;
  requestOf: (customId: string) => ChatRequest | undefined;
}

const Line = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), body: z.unknown().optional() }).nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
});
const ErrorBody = z.object({
  error: z.object({
    code: z.string().nullish(),
    type: z.string().nullish(),
    param: z.string().nullish(),
    message: z.string().nullish(),
  }),
});

/**
 * Reads a line of an output or error file. A request that expired, or failed on the provider's
 * side, is an error of kind `retry`; null for a line that is none of ours.
 */
export function batchResult(text: string, context: LineContext): BatchResult | RefusedLine | null {
  const read = Line.safeParse(jsonValue(text));
  if (!read.success) return null;
  const { api, model, key } = context;
  const { custom_id: customId, response, error } = read.data;
  if (error || !response) {
    const text = `batch: ${error?.code ?? "no reply"}: ${error?.message ?? ""}`;
    return { customId, error: new ModelError("retry", text, { outage: false }) };
  }
  if (response.status_code === 200) {
    const maxTokens = context.requestOf(customId)?.maxTokens;
    return readResult(customId, () => openaiReply(response.body, api, maxTokens));
  }
  const body = ErrorBody.safeParse(response.body);
  const told = body.success ? body.data.error : undefined;
  const status = response.status_code;
  return {
    customId,
    refusal: { status, code: told?.code, param: told?.param, message: told?.message },
    error: providerError({
      ...{ keyName: "OPENAI_API_KEY", model, key, status },
      code: told?.code ?? told?.type ?? undefined,
      message: told?.message ?? "no message",
      ...{ retryAfterMs: undefined, cause: undefined },
    }),
  };
}
