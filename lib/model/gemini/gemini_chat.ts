/**
 * Teachers of Google's Gemini, on `@google/generative-ai` 0.24.1, that SDK's last version. Nothing
 * outside this folder knows the SDK, so that `@google/genai` can take its place.
 */
import { GoogleGenerativeAI } from "@google/generative-ai";
import type { ChatModel } from "../chat_model.ts";
import { retryAfterOf } from "../retry_after.ts";
import { withTimeLimit } from "../../run/time_limit.ts";
import { replyWithoutKey, withoutKey } from "../withhold_key.ts";
import { geminiError } from "./gemini_error.ts";
import { withScopedFetch } from "./scoped_fetch.ts";
import { geminiReply, geminiRequest } from "./translate.ts";

/** How a Gemini teacher is reached. */
export interface GeminiChatOptions {
  model: string;
  apiKey: string;
  /** Servers without `/v1beta`; work is spread over them. Default Google's own. */
  baseUrls?: readonly string[];
  /** One request's time at most. Default 300,000. */
  timeoutMs?: number;
  fetch?: typeof fetch;
  /** Told of each reply's headers, whatever its status. */
  onHeaders?: (headers: Headers) => void;
  /** Milliseconds since the epoch, for Retry-After dates. */
  now?: () => number;
}

/** A teacher on Gemini. Requests go round the servers in turn. */
export function geminiChat(options: GeminiChatOptions): ChatModel {
  const { model, apiKey, timeoutMs = 300_000, now = Date.now, onHeaders } = options;
  const send = options.fetch ?? globalThis.fetch;
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
      let headers: Headers | undefined;
      const watched: typeof fetch = async (url, init) => {
        const response = await send(url, init);
        headers = response.headers;
        onHeaders?.(headers);
        return response;
      };
      try {
        const body = geminiRequest(request, model);
        const { response } = await withTimeLimit(
          timeoutMs,
          request.signal,
          (signal) => withScopedFetch(watched, () => server.generateContent(body, { signal })),
        );
        return replyWithoutKey(geminiReply(response), apiKey);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw withoutKey(geminiError(error, model, retryAfterOf(headers, now())), apiKey);
      }
    },
    close: () => Promise.resolve(),
  };
}
