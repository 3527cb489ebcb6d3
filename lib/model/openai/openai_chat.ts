/** Teachers of OpenAI, and of any server that speaks its chat completions. */
import type OpenAI from "openai";
import { ModelError } from "../../core/errors.ts";
import type { ChatModel, ChatReply, ChatRequest } from "../chat_model.ts";
import { withTimeLimit } from "../../run/time_limit.ts";
import { replyWithoutKey, withoutKey } from "../withhold_key.ts";
import { completionsReply, completionsRequest } from "./completions.ts";
import { type OpenaiClientOptions, openaiClients } from "./openai_client.ts";
import { openaiError, type OptionalParameter, refusedParameter } from "./openai_error.ts";
import { responsesReply, responsesRequest } from "./responses.ts";

/** Which of the two APIs is spoken. */
export type OpenaiApi = "responses" | "chat";

/** How a teacher on OpenAI's SDK is reached. */
export interface OpenaiChatOptions extends OpenaiClientOptions {
  model: string;
  /** Default `responses` at OpenAI's own address, `chat` at any other. */
  api?: OpenaiApi;
  /** One request's time at most. Default 300,000. */
  timeoutMs?: number;
  /** Milliseconds since the epoch, for Retry-After dates. */
  now?: () => number;
  log?: (line: string) => void;
}

/**
 * A teacher on the `openai` SDK. Requests go round the servers in turn. A sampling parameter that
 * the model refuses (reasoning models take no temperature) is left out from then on, and said.
 */
export function openaiChat(options: OpenaiChatOptions): ChatModel {
  const { model, apiKey, timeoutMs = 300_000, now = Date.now, log } = options;
  const clients = openaiClients(options);
  const api = openaiApi(options);
  const left = new Set<OptionalParameter>();
  let turn = 0;

  const ask = async (request: ChatRequest, client: OpenAI): Promise<ChatReply> => {
    for (;;) {
      const body = openaiBody(request, model, api, left);
      try {
        return await withTimeLimit(
          timeoutMs,
          request.signal,
          (signal) => send(client, api, body, signal),
        );
      } catch (error) {
        const refused = refusedParameter(error);
        if (refused === undefined || !(refused in body)) throw error;
        if (!left.has(refused)) log?.(`openai: ${model} takes no ${refused}: it is left out`);
        left.add(refused);
      }
    }
  };

  return {
    name: model,
    promptsForTags: false,
    concurrency: 256,
    async reply(request) {
      const client = clients[turn++ % clients.length]!;
      try {
        return replyWithoutKey(await ask(request, client), apiKey);
      } catch (error) {
        request.signal?.throwIfAborted();
        throw withoutKey(openaiError(error, model, now()), apiKey);
      }
    },
    close: () => Promise.resolve(),
  };
}

/** The API that the options call for. */
export function openaiApi(options: Pick<OpenaiChatOptions, "api" | "baseUrls">): OpenaiApi {
  if (options.api) return options.api;
  const own = (options.baseUrls ?? []).every((url) => new URL(url).hostname === "api.openai.com");
  return own ? "responses" : "chat";
}

/** The body of a request, without the parameters that this model does not take. */
export function openaiBody(
  request: ChatRequest,
  model: string,
  api: OpenaiApi,
  left: ReadonlySet<OptionalParameter> = new Set(),
): Record<string, unknown> {
  const body: Record<string, unknown> = api === "responses"
    ? { ...responsesRequest(request, model) }
    : { ...completionsRequest(request, model) };
  for (const name of left) {
    if (name === "max_tokens" && api === "chat") body.max_completion_tokens = body.max_tokens;
    delete body[name];
  }
  return body;
}

/** A reply's body, translated. */
export function openaiReply(body: unknown, api: OpenaiApi): ChatReply {
  return api === "responses" ? responsesReply(body) : completionsReply(body);
}

async function send(
  client: OpenAI,
  api: OpenaiApi,
  body: Record<string, unknown>,
  signal: AbortSignal,
): Promise<ChatReply> {
  const path = api === "responses" ? "/responses" : "/chat/completions";
  const received = await client.post<unknown>(path, { body, signal });
  if (typeof received !== "object") {
    throw new ModelError("retry", "openai: a reply that is no JSON");
  }
  return openaiReply(received, api);
}
