/** Runs one stage in a process of its own, for tests of memory: STAGE INPUT OUT. */
import { scoreResponses } from "../../lib/reward/stage.ts";
import type { RewardModel } from "../../lib/model/reward_model.ts";

/** Scores an answer by its length. */
const scripted: RewardModel = {
  name: "scripted",
  concurrency: 8,
  score: (items) =>
    Promise.resolve(items.map(({ answer }) => ({ score: answer.length, truncated: false }))),
  close: () => Promise.resolve(),
};

if (import.meta.main) {
  const [input, out] = Deno.args;
  await scoreResponses({ in: input!, rewardModel: "scripted", out: out! }, { model: scripted });
}
