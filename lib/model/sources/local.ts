/** Models in this process. */
import type { Source } from "./source.ts";

export const local: Source = {
  provider: "local",
  rest: "DIR",
  about: "a model in ONNX, in this process: a folder, or OWNER/NAME on the Hub",
  async teacher(name, { dtype, device }, context) {
    const run = { dtype, device };
    const { localChat, resolveLocal } = await import("../local/local.ts");
    return await localChat(await resolveLocal(name, context, run), run);
  },
  async policy(name, options, context) {
    const { localText, resolveLocal } = await import("../local/local.ts");
    const { policyOf, templateIn } = await import("./policy.ts");
    const run = { dtype: options.dtype, device: options.device };
    const dir = await resolveLocal(name, context, run);
    return policyOf(
      await localText(dir, run),
      await templateIn(options.tokenizer ?? dir, context),
      options,
    );
  },
  async reward(name, { dtype, device }, context) {
    const run = { dtype, device };
    const { localReward, resolveLocal } = await import("../local/local.ts");
    return await localReward(await resolveLocal(name, context, run), run);
  },
};
