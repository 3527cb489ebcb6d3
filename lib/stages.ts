/** The one list of stages: the command line, `launch`, `verify`, `report` and documents read it. */
import { buildDpo } from "./dataset/dpo/dpo_stage.ts";
import { buildRl } from "./dataset/rl/rl_stage.ts";
import { push } from "./dataset/push_stage.ts";
import { buildSft } from "./dataset/sft/sft_stage.ts";
import { type Explore, exploreOf } from "./explore/stage.ts";
import { samplePolicy } from "./policy/stage.ts";
import { createPromptedModel } from "./prompted/stage.ts";
import { reportOf } from "./report/stage.ts";
import { scoreResponses } from "./reward/stage.ts";
import type { StageFacts } from "./run/define_stage.ts";
import { sampleTeacher } from "./teacher/stage.ts";
import { verifyOf } from "./verify/stage.ts";

/** Stages that leave a folder with a manifest, in the order in which they are run. */
export const makers: readonly StageFacts[] = [
  createPromptedModel,
  sampleTeacher,
  buildSft,
  samplePolicy,
  scoreResponses,
  buildDpo,
  buildRl,
];

/** Checks what the stages left. */
export const verify: ReturnType<typeof verifyOf> = verifyOf(makers);
/** Shows what the stages left. */
export const report: ReturnType<typeof reportOf> = reportOf(makers);
/** Looks through what the stages left, and decides. */
export const explore: Explore = exploreOf(makers);

/** All stages. A new one is a folder under lib, and a line in `makers`. */
export const stages: readonly StageFacts[] = [...makers, report, explore, verify, push];

export { push };
