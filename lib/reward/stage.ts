/** Stage 3b, as one value. */
import { ScoredRecord } from "../core/records.ts";
import type { RewardModel } from "../model/reward_model.ts";
import { defineStage, leavesRecords, type Stage } from "../run/define_stage.ts";
import type { RepliesResult } from "../view/results.ts";
import { SCORE_REJECTS, ScoreResponsesOptions, tallyScores } from "./score_options.ts";

/**
 * Scores every well-formed reply of every prompt: the reward model sees the prompt and the answer,
 * never the thought. Malformed replies keep `score: null`. With several reward models `score` is
 * the first one's, and `scores` holds all by name.
 *
 * @throws {InputError} for bad options or input, and `RunError` where items could not be done.
 */
export const scoreResponses: Stage<
  ScoreResponsesOptions,
  RewardModel | RewardModel[],
  RepliesResult
> = defineStage({
  name: "score-responses",
  summary: "scores the answers alone with a reward model, thinking stripped (stage 3b)",
  examples: [
    "score-responses --in runs/policy --reward-model embedded --out runs/scored",
    "score-responses --in runs/policy --reward-model local/models/reward --out runs/scored",
  ],
  options: ScoreResponsesOptions,
  leaves: leavesRecords("scored", ScoredRecord, tallyScores),
  rejects: SCORE_REJECTS,
  run: async ({ options, context, model }) =>
    await (await import("./score_responses.ts")).scoreResponses(options, context, model),
});
