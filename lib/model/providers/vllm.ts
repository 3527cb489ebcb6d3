/** vLLM, and any server that speaks OpenAI's completions. */
import { checkBaseUrl, neededTokenizer, type Provider } from "./provider.ts";

export const vllm: Provider = {
  name: "vllm",
  rest: "NAME",
  about:
    "vLLM or any OpenAI-compatible server, at `--base-url`; rewards by its pooling route. Its " +
    "key is in VLLM_API_KEY",
  remote: true,
  async teacher(name, options, context) {
    checkBaseUrl("--model", options.model, options.baseUrl);
    const { openaiTeacher } = await import("./openai.ts");
    const chat = { ...options, api: "chat" as const };
    const model = await openaiTeacher(name, chat, { keyName: "VLLM_API_KEY" }, context);
    const { servedVersion } = await import("../vllm/served_models.ts");
    return { ...model, version: await servedVersion(name, options.baseUrl, context) };
  },
  async policy(name, options, context) {
    const folder = neededTokenizer(options);
    checkBaseUrl("--model", options.model, options.baseUrl);
    const { vllmText } = await import("../vllm/vllm_text.ts");
    const { policyOf, templateIn } = await import("./policy.ts");
    const template = await templateIn(folder, context);
    const { baseUrl: baseUrls, n } = options;
    const { bosToken } = template;
    return policyOf(await vllmText({ name, baseUrls, n, bosToken, context }), template, options);
  },
  async reward(name, { rewardModel, tokenizer, baseUrl: baseUrls }, context) {
    checkBaseUrl("--reward-model", rewardModel, baseUrls);
    const { vllmReward } = await import("../vllm/vllm_reward.ts");
    return await vllmReward({ name, tokenizer, baseUrls, context });
  },
};
