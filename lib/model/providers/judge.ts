/** Chat models as judges of answers. */
import { InputError } from "../../core/errors.ts";
import type { Provider } from "./provider.ts";

export const judge: Provider = {
  name: "judge",
  rest: "PROVIDER/NAME",
  about:
    "a chat model that judges answers by `--criterion`: marks for each, or with `--judge-mode " +
    "pairwise` a tournament. PROVIDER/NAME is any teacher's SPEC, with its key and its bill",
  async reward(chatSpec, { rewardModel, judge }, context) {
    if (judge === undefined) {
      throw new InputError(`--reward-model ${rewardModel}: a judge belongs to score-responses`);
    }
    const { rubricOf } = await import("../judge/rubric.ts");
    const { judgeReward } = await import("../judge/judge_reward.ts");
    const rubric = rubricOf(judge);
    const chat = await judge.openChat(chatSpec);
    const { maxTokens, temperature, seed } = judge, { log } = context;
    return judgeReward(chat, {
      name: `judge/${chat.name}`,
      rubric,
      maxTokens,
      temperature,
      seed,
      log,
    });
  },
};
