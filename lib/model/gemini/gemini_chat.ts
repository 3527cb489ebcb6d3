/**
 * Teachers of Google's Gemini, on either of Google's two SDKs: `@google/genai`, or the older
 * `@google/generative-ai`. Both send the same requests; nothing outside this folder knows them.
 */
import { ModelError } from "../../core/errors.ts";
import { parseBaseUrl } from "../call/base_urls.ts";
import { wrapped } from "../call/call.ts";
import { guardedFetch, type GuardedInit, guardError, replyBytes } from "../call/guarded_fetch.ts";
import { timeLimited } from "../call/guards.ts";
import { promptBytes } from "../call/paid.ts";
import type { ChatModel, ChatRequest } from "../chat_model.ts";
import { retryAfterOf } from "../retry_after.ts";
import { withheld } from "../withhold_key.ts";
import { genaiSender } from "./genai.ts";
import { geminiError } from "./gemini_error.ts";
import type { GeminiSdk, GeminiSender } from "./gemini_sender.ts";
import { geminiName, geminiReply, geminiRequest } from "./translate.ts";

/** How a Gemini teacher is reached. */
export interface GeminiChatOptions {
  model: string;
  apiKey: string;
  /** Default `genai`. */
  sdk?: GeminiSdk;
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
export async function geminiChat(options: GeminiChatOptions): Promise<ChatModel> {
  const { apiKey, timeoutMs = 300_000, now = Date.now, onHeaders } = options;
  const model = geminiName(options.model);
  const send = options.fetch ?? globalThis.fetch;
  const sender = await senderOf(options.sdk);
  const servers = baseUrlsOf(options.baseUrls).map((baseUrl) => sender({ model, apiKey, baseUrl }));
  let turn = 0;
  return {
    name: model,
    promptsForTags: false,
    concurrency: 256,
    async reply(request) {
      const server = servers[turn++ % servers.length]!;
      const maxBytes = replyBytes({
        tokens: request.maxTokens + (request.thinkingBudget ?? 32_768),
        promptBytes: promptBytes(request),
      });
      let headers: Headers | undefined, answered = false;
      const guarded = guardedFetch(send, { onHeaders });
      const watched: typeof fetch = async (url, init) => {
        const bounded: GuardedInit = { ...init, maxBytes };
        const response = await guarded(url, bounded);
        headers = response.headers;
        answered = response.ok;
        return response;
      };
      const ask = async (asked: ChatRequest, signal?: AbortSignal) =>
        geminiReply(await server(geminiRequest(asked, model), watched, signal));
      const known = (error: unknown) => {
        const context = { model, key: apiKey, retryAfterMs: retryAfterOf(headers, now()) };
        return guardError(error) ?? (answered ? brokenOff(error) : geminiError(error, context));
      };
      const call = wrapped(ask, [
        withheld({ provider: "gemini", apiKey }, known),
        timeLimited(timeoutMs),
      ]);
      return await call(request, request.signal);
    },
    close: () => Promise.resolve(),
  };
}

/** Google's own address. */
const GEMINI_BASE_URL = "https://generativelanguage.googleapis.com";

/** Addresses without the version of the API, which the SDKs add. */
export function baseUrlsOf(given: readonly string[] | undefined): string[] {
  const urls = given?.length ? given : [GEMINI_BASE_URL];
  return urls.map((url) => parseBaseUrl(url).href.replace(/\/+(v1beta\/*)?$/, ""));
}

async function senderOf(sdk: GeminiSdk = "genai"): Promise<GeminiSender> {
  if (sdk === "genai") return genaiSender;
  return (await import("./generative_ai.ts")).generativeAiSender;
}

/** A 200 whose body cannot be read: the provider has done its work and bills it. */
function brokenOff(cause: unknown): ModelError {
  return new ModelError("retry", "a reply that broke off or is no JSON", {
    paid: "unknown",
    cause,
  });
}
