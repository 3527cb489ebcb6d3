/** Models in this process. */
import type { Provider } from "./provider.ts";

export const local: Provider = {
  name: "local",
  rest: "DIR",
  about: "a model in ONNX, in this process: a folder, or OWNER/NAME on the Hub",
  async teacher(name, { dtype, device }, hub) {
    const { localChat } = await import("../local/local.ts");
    return await localChat(name, { dtype, device, hub });
  },
  async policy(name, options, hub) {
    const { localText } = await import("../local/local.ts");
    const { policyOf, templateIn } = await import("./policy.ts");
    const { dtype, device, tokenizer } = options;
    const model = await localText(name, { dtype, device, hub });
    return policyOf(model, await templateIn(tokenizer ?? model.folder, hub), options);
  },
  async reward(name, { dtype, device }, hub) {
    const { localReward } = await import("../local/local.ts");
    return await localReward(name, { dtype, device, hub });
  },
};
