/** The two files of OpenAI's Batch API, line by line: pure functions. */
import { z } from "zod";
import { messageOf, ModelError } from "../../../core/errors.ts";
import type { ChatReply } from "../../chat_model.ts";
import { providerError } from "../../provider_error.ts";
import type { OpenaiApi } from "../openai_api.ts";
import { openaiReply } from "../openai_chat.ts";

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

/** What a job's output or error file says of one request. */
export type BatchResult =
  | { customId: string; reply: ChatReply }
  | { customId: string; error: ModelError };

const Line = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), body: z.unknown() }).nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
});
const ErrorBody = z.object({
  error: z.object({
    code: z.string().nullish(),
    type: z.string().nullish(),
    message: z.string().nullish(),
  }),
});

/**
 * Reads a line of an output or error file. A request that expired, or failed on the provider's
 * side, is an error of kind `retry`; null for a line that is none of ours.
 */
export function batchResult(line: string, api: OpenaiApi, model: string): BatchResult | null {
  const read = Line.safeParse(jsonOf(line));
  if (!read.success) return null;
  const { custom_id: customId, response, error } = read.data;
  if (error || !response) {
    const text = `openai: batch: ${error?.code ?? "no reply"}: ${error?.message ?? ""}`;
    return { customId, error: new ModelError("retry", text) };
  }
  if (response.status_code === 200) {
    try {
      return { customId, reply: openaiReply(response.body, api) };
    } catch (error) {
      const known = error instanceof ModelError;
      return { customId, error: known ? error : new ModelError("retry", messageOf(error)) };
    }
  }
  const body = ErrorBody.safeParse(response.body);
  const told = body.success ? body.data.error : undefined;
  return {
    customId,
    error: providerError({
      provider: "openai",
      keyName: "OPENAI_API_KEY",
      model,
      status: response.status_code,
      code: told?.code ?? told?.type ?? undefined,
      message: told?.message ?? "no message",
      key: undefined,
      retryAfterMs: undefined,
      cause: undefined,
    }),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
