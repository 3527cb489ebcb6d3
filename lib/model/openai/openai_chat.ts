/** Teachers of OpenAI, and of any server that speaks its chat completions. */
import type OpenAI from "openai";
import { messageOf, ModelError } from "../../core/errors.ts";
import { jsonValue } from "../../core/json_value.ts";
import { wrapped } from "../call/call.ts";
import { replyBytes } from "../call/guarded_fetch.ts";
import { timeLimited } from "../call/guards.ts";
import { promptBytes } from "../call/paid.ts";
import { type Body, withoutRefused } from "../call/refused_parameters.ts";
import type { ChatModel, ChatReply, ChatRequest } from "../chat_model.ts";
import { withheld } from "../withhold_key.ts";
import { completionsReply, completionsRequest } from "./completions.ts";
import { type OpenaiApi, openaiApi } from "./openai_api.ts";
import { type OpenaiClientOptions, openaiClients } from "./openai_client.ts";
import { openaiError } from "./openai_error.ts";
import { openaiParameters } from "./openai_parameters.ts";
import { responsesReply, responsesRequest } from "./responses.ts";

/** How a teacher on OpenAI's SDK is reached. */
export interface OpenaiChatOptions extends OpenaiClientOptions {
  /** As the SPEC names it. Default `openai`. */
  provider?: string;
  model: string;
  /** Default `responses` at OpenAI's own address, `chat` at any other. */
  api?: OpenaiApi;
  /** A request's body as this server wants it, where that is not as OpenAI does. */
  bodyFor?: (body: Body) => Body;
  /** The environment variable of the key, for messages. Default OPENAI_API_KEY. */
  keyName?: string;
  /** One request's time at most. Default 300,000. */
  timeoutMs?: number;
  /** Milliseconds since the epoch, for Retry-After dates. */
  now?: () => number;
  log?: (line: string) => void;
}

/**
 * A teacher on the `openai` SDK. Requests go round the servers in turn. A sampling parameter that
 * the model refuses (reasoning models take no temperature) is left out from then on, and said; the
 * request that was refused throws `retry`.
 */
export function openaiChat(options: OpenaiChatOptions): ChatModel {
  const { provider = "openai", model, apiKey, keyName, log } = options;
  const { timeoutMs = 300_000, now = Date.now } = options;
  const clients = openaiClients(options);
  const api = openaiApi(options);
  const known = (error: unknown) => openaiError(error, { model, now: now(), key: apiKey, keyName });
  const wrappers = [
    withheld<Body>({ provider, apiKey }, known),
    timeLimited<Body, ChatReply>(timeoutMs),
    withoutRefused<ChatReply>(openaiParameters({ provider, model, log }, api)),
  ];
  let turn = 0;
  return {
    name: model,
    promptsForTags: false,
    takesTools: api !== "responses",
    concurrency: 256,
    async reply(request) {
      const client = clients[turn++ % clients.length]!;
      const send = (body: Body, signal?: AbortSignal) => sent(client, api, body, request, signal);
      return await wrapped(send, wrappers)(openaiBody(request, options, api), request.signal);
    },
    close: () => Promise.resolve(),
  };
}

/** The body of a request. */
export function openaiBody(
  request: ChatRequest,
  { model, bodyFor = (body) => body }: Pick<OpenaiChatOptions, "model" | "bodyFor">,
  api: OpenaiApi,
): Body {
  return bodyFor(
    api === "responses"
      ? { ...responsesRequest(request, model) }
      : { ...completionsRequest(request, model) },
  );
}

/** A reply's body, translated. */
export function openaiReply(body: unknown, api: OpenaiApi, maxTokens?: number): ChatReply {
  return api === "responses" ? responsesReply(body) : completionsReply(body, maxTokens);
}

async function sent(
  client: OpenAI,
  api: OpenaiApi,
  body: Body,
  request: ChatRequest,
  signal: AbortSignal | undefined,
): Promise<ChatReply> {
  const path = api === "responses" ? "/responses" : "/chat/completions";
  const tokens = request.maxTokens + (request.thinkingBudget ?? 32_768);
  const maxBytes = replyBytes({ tokens, promptBytes: promptBytes(request) });
  // Not a setting that the SDK knows, but it hands all of them to the client's guarded `fetch`.
  const fetchOptions: object = { maxBytes };
  const response = await client.post(path, { body, signal, fetchOptions }).asResponse();
  // From here on the provider has done its work and bills it, whatever comes of its answer.
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    const known = error instanceof ModelError ? messageOf(error) : "the reply broke off";
    throw new ModelError("retry", known, { paid: "unknown", cause: error });
  }
  const json = jsonValue(text);
  if (json !== undefined) return openaiReply(json, api, request.maxTokens);
  throw new ModelError("retry", "a reply that is no JSON", { paid: "unknown" });
}
