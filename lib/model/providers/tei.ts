/** Hugging Face's text-embeddings-inference. */
import { checkBaseUrl, neededRewardTokenizer, type Provider } from "./provider.ts";

export const tei: Provider = {
  name: "tei",
  rest: "NAME",
  about:
    "a reward model on Hugging Face's text-embeddings-inference, at `--base-url`. Its key is " +
    "in TEI_API_KEY",
  remote: true,
  async reward(name, options, context) {
    const tokenizer = neededRewardTokenizer(options);
    checkBaseUrl("--reward-model", options.rewardModel, options.baseUrl);
    const { teiReward } = await import("../tei/tei_reward.ts");
    return await teiReward({ name, tokenizer, baseUrls: options.baseUrl, context });
  },
};
