/**
 * Teachers of Google's Gemini, on `@google/generative-ai` 0.24.1, that SDK's last version. Nothing
 * outside this folder knows the SDK, so that `@google/genai` can take its place.
 */
import { GoogleGenerativeAI } from "@google/generative-ai";
import type { ChatModel } from "../chat_model.ts";
import { withTimeLimit } from "../time_limit.ts";
import { withholdKey, withoutKey } from "../withhold_key.ts";
import { geminiError } from "./gemini_error.ts";
import { geminiReply, geminiRequest } from "./translate.ts";

/** How a Gemini teacher is reached. */
export interface GeminiChatOptions {
  model: string;
  apiKey: string;
  /** Servers without `/v1beta`; work is spread over them. Default Google's own. */
  baseUrls?: readonly string[];
  /** One request's time at most. Default 300,000. */
  timeoutMs?: number;
}

/**
 * A teacher on Gemini. The SDK calls the global `fetch` and shows no headers, so waits come from
 * the RetryInfo of its errors alone.
 */
export function geminiChat(options: GeminiChatOptions): ChatModel {
  const { model, apiKey, timeoutMs = 300_000 } = options;
  const api = new GoogleGenerativeAI(apiKey);
  const baseUrls = options.baseUrls?.length ? options.baseUrls : [undefined];
  const servers = baseUrls.map((baseUrl) =>
    api.getGenerativeModel(
      { model },
      baseUrl ? { baseUrl: baseUrl.replace(/\/+(v1beta\/*)?$/, "") } : {},
    )
  );
  let turn = 0;
  return {
    name: model,
    promptsForTags: false,
    concurrency: 256,
    async reply(request) {
      const server = servers[turn++ % servers.length]!;
      try {
        const { response } = await withTimeLimit(
          timeoutMs,
          request.signal,
          (signal) => server.generateContent(geminiRequest(request, model), { signal }),
        );
        const reply = geminiReply(response);
        return {
          ...reply,
          text: withholdKey(reply.text, apiKey),
          reasoning: reply.reasoning === null ? null : withholdKey(reply.reasoning, apiKey),
        };
      } catch (error) {
        request.signal?.throwIfAborted();
        throw withoutKey(geminiError(error, model), apiKey);
      }
    },
    close: () => Promise.resolve(),
  };
}
