/** SGLang. */
import { checkBaseUrl, neededRewardTokenizer, type Provider } from "./provider.ts";

export const sglang: Provider = {
  name: "sglang",
  rest: "NAME",
  about: "a reward model on SGLang, at `--base-url`. Its key is in SGLANG_API_KEY",
  remote: true,
  async reward(name, options, context) {
    const tokenizer = neededRewardTokenizer(options);
    checkBaseUrl("--reward-model", options.rewardModel, options.baseUrl);
    const { sglangReward } = await import("../sglang/sglang_reward.ts");
    return await sglangReward({ name, tokenizer, baseUrls: options.baseUrl, context });
  },
};
