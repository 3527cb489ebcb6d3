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
 * @example
 * ```ts
 * import { scoreResponses } from "thinkset";
 * import type { RewardModel } from "thinkset/models";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const record = {
 *   id: "sum",
 *   source: "mine",
 *   prompt: [{ role: "user", content: "What is 1 + 1?" }],
 *   format: "chat",
 *   model: "policy",
 *   responses: ["2", "It is 2.", "3", "No."].map((answer, index) => ({
 *     index,
 *     text: answer,
 *     thought: null,
 *     answer,
 *     malformed: null,
 *     finish_reason: "stop",
 *     completion_tokens: 2,
 *   })),
 * };
 * await Deno.writeTextFile(`${folder}/replies.jsonl`, JSON.stringify(record) + "\n");
 *
 * const brevity: RewardModel = {
 *   name: "brevity",
 *   version: "1",
 *   concurrency: 1,
 *   score: (items) =>
 *     Promise.resolve(items.map(({ answer }) => ({ score: -answer.length, truncated: false }))),
 *   close: () => Promise.resolve(),
 * };
 * const { manifest } = await scoreResponses(
 *   { in: `${folder}/replies.jsonl`, rewardModel: "brevity", out: `${folder}/scored` },
 *   { model: brevity },
 * );
 * assert.equal(manifest.extra?.scored_replies, 4);
 * await Deno.remove(folder, { recursive: true });
 * ```
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
