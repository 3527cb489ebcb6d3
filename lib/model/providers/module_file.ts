/** Rewards in a file of the user's own. */
import type { Provider } from "./provider.ts";

export const moduleFile: Provider = {
  name: "module",
  rest: "FILE.ts",
  about:
    "a reward of your own: the file's default export is a RewardModel, or a function of one item. " +
    "It may read its own folder, and what `--module-allow` names",
  async reward(file, { moduleAllow = [] }) {
    const { moduleReward } = await import("../module/module_reward.ts");
    return await moduleReward(file, { allow: moduleAllow });
  },
};
