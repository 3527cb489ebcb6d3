/** OpenAI, and with `--base-url` any server that speaks its API. */
import type { StageContext } from "../../core/context.ts";
import type { ChatModel } from "../chat_model.ts";
import { batched } from "./batched.ts";
import { apiKeyOf } from "./keys.ts";
import type { OpenTeacherOptions, Source } from "./source.ts";

export const openai: Source = {
  provider: "openai",
  rest: "NAME",
  about: "OpenAI, or with `--base-url` a server that speaks its API. Its key is in OPENAI_API_KEY",
  remote: true,
  policyByChat: true,
  teacher: (name, options, context) => openaiTeacher(name, options, "OPENAI_API_KEY", context),
};

/** A teacher on OpenAI's API with the key in `keyName`: a key goes to nobody else's server. */
export async function openaiTeacher(
  name: string,
  options: OpenTeacherOptions,
  keyName: string,
  context: StageContext,
): Promise<ChatModel> {
  const { baseUrl: baseUrls, timeout = 300, batches, api, onHeaders } = options;
  // A server of one's own may need no key.
  const needed = baseUrls.length === 0;
  const apiKey = apiKeyOf(keyName, options.model, context, { needed });
  const { fetch, now, log } = context;
  const reached = { model: name, apiKey, keyName, baseUrls, api, timeoutMs: timeout * 1000 };
  const common = { ...reached, fetch, now, log, onHeaders };
  if (batches !== undefined) {
    const { openaiBatches } = await import("../openai/openai_batches.ts");
    return await batched(openaiBatches(common), { model: name, apiKey, ...batches }, context);
  }
  const { openaiChat } = await import("../openai/openai_chat.ts");
  return openaiChat(common);
}
