/** Models in this process. */
import type { Source } from "./source.ts";

export const local: Source = {
  provider: "local",
  rest: "DIR",
  about: "a model in ONNX, in this process: a folder, or OWNER/NAME on the Hub",
  async teacher(name, _, context) {
    const { localChat, resolveLocal } = await import("../local/local.ts");
    return await localChat(await resolveLocal(name, context));
  },
  async policy(name, options, context) {
    const { localText, resolveLocal } = await import("../local/local.ts");
    const { policyOf, templateIn } = await import("./policy.ts");
    const dir = await resolveLocal(name, context);
    return policyOf(
      await localText(dir),
      await templateIn(options.tokenizer ?? dir, context),
      options,
    );
  },
  async reward(name, _, context) {
    const { localReward, resolveLocal } = await import("../local/local.ts");
    return await localReward(await resolveLocal(name, context));
  },
};
