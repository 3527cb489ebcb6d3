/** Recorded replies. */
import type { Provider } from "./provider.ts";

export const replay: Provider = {
  name: "replay",
  rest: "FILE",
  about: "replies that an earlier run recorded with `--record`",
  async teacher(name) {
    const { replayChat } = await import("../replay/replay_chat.ts");
    return await replayChat(name);
  },
  async policy(name, options, context) {
    const { replayText } = await import("../replay/replay_text.ts");
    const model = await replayText(name);
    if (!options.tokenizer) return { model, render: () => "", templateHash: "" };
    const { policyOf, templateIn } = await import("./policy.ts");
    return policyOf(model, await templateIn(options.tokenizer, context), options);
  },
};
