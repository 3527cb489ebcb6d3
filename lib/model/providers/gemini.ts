/** Google's Gemini. */
import { InputError } from "../../core/errors.ts";
import { apiKeyOf } from "./keys.ts";
import { checkTemperature, type Provider } from "./provider.ts";

export const gemini: Provider = {
  name: "gemini",
  rest: "NAME",
  about: "Google's Gemini. Its key is in GEMINI_API_KEY",
  remote: true,
  paid: true,
  batches: true,
  policyByChat: true,
  checkLimits: (options) => checkTemperature(options, 2),
  async teacher(name, options, context) {
    const { baseUrl: baseUrls, timeout = 300, batches, onHeaders, geminiSdk: sdk } = options;
    if (batches !== undefined && sdk === "generative-ai") {
      throw new InputError("--batch: Gemini's batches need --gemini-sdk genai");
    }
    const apiKey = apiKeyOf("GEMINI_API_KEY", options.model, context, { needed: true })!;
    const { fetch, now } = context;
    const timeoutMs = timeout * 1000;
    const common = { model: name, apiKey, baseUrls, timeoutMs, fetch, now, onHeaders };
    if (batches !== undefined) {
      const { geminiBatches } = await import("../gemini/gemini_batches.ts");
      const { batchChat } = await import("../batch/batch_chat.ts");
      return batchChat(geminiBatches(common), { ...context, model: name, apiKey, ...batches });
    }
    const { geminiChat } = await import("../gemini/gemini_chat.ts");
    return await geminiChat({ ...common, sdk });
  },
};
