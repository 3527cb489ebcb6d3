/** OpenAI, and with `--base-url` any server that speaks its API. */
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import type { ChatModel } from "../chat_model.ts";
import { openaiApi } from "../openai/openai_api.ts";
import type { OpenaiChatOptions } from "../openai/openai_chat.ts";
import { apiKeyOf } from "./keys.ts";
import { checkTemperature, type OpenTeacherOptions, type Provider } from "./provider.ts";

/** The Responses API's least `max_output_tokens`. */
const LEAST_TOKENS = 16;

export const openai: Provider = {
  name: "openai",
  rest: "NAME",
  about: "OpenAI, or with `--base-url` a server that speaks its API. Its key is in OPENAI_API_KEY",
  remote: true,
  paid: true,
  batches: true,
  policyByChat: true,
  checkLimits(options) {
    checkTemperature(options, 2);
    const { api, maxTokens, baseUrl: baseUrls } = options;
    if (openaiApi({ api, baseUrls }) === "responses" && maxTokens < LEAST_TOKENS) {
      throw new InputError(
        `--max-tokens ${maxTokens}: OpenAI's Responses API takes no fewer than ${LEAST_TOKENS}`,
      );
    }
  },
  teacher: (name, options, context) =>
    openaiTeacher(name, options, { keyName: "OPENAI_API_KEY" }, context),
};

/** In what a server that speaks OpenAI's API is another than OpenAI's own. */
export interface OpenaiServer extends Pick<OpenaiChatOptions, "bodyFor"> {
  /** The environment variable of its key: a key goes to nobody else's server. */
  keyName: string;
  /** Its address where `--base-url` names none. Default: OpenAI's own. */
  address?: string;
}

/** A teacher on OpenAI's API. Throws `InputError` where a key is needed that is not set. */
export async function openaiTeacher(
  name: string,
  options: OpenTeacherOptions,
  { keyName, address, bodyFor }: OpenaiServer,
  context: StageContext,
): Promise<ChatModel> {
  const { timeout = 300, batches, api, onHeaders } = options;
  // A server of one's own may need no key.
  const needed = options.baseUrl.length === 0;
  const baseUrls = needed && address !== undefined ? [address] : options.baseUrl;
  const apiKey = apiKeyOf(keyName, options.model, context, { needed });
  const { fetch, now, log } = context;
  const [provider] = options.model.split("/", 1), timeoutMs = timeout * 1000;
  const reached = { provider, model: name, apiKey, keyName, baseUrls, api, timeoutMs };
  const common = { ...reached, bodyFor, fetch, now, log, onHeaders };
  if (batches !== undefined) {
    const { openaiBatches } = await import("../openai/openai_batches.ts");
    const { batchChat } = await import("../batch/batch_chat.ts");
    return batchChat(openaiBatches(common), { ...context, model: name, apiKey, ...batches });
  }
  const { openaiChat } = await import("../openai/openai_chat.ts");
  return openaiChat(common);
}
