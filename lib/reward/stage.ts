/** Stage 3b, as one value. */
import { defaultContext } from "../core/context.ts";
import { parseOptions } from "../core/options.ts";
import { ScoredRecord } from "../core/records.ts";
import type { CostEstimate } from "../model/paid/estimate.ts";
import type { RewardModel } from "../model/reward_model.ts";
import { type CallOptions, defineStage, leavesRecords, type Stage } from "../run/define_stage.ts";
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
    "score-responses --in runs/policy --reward-model rule/math --label-key answer --out runs/scored",
    "score-responses --in runs/policy --reward-model embedded --reward-model rule/exact " +
    "--label-key expected --gate rule/exact --gated-score -20 --out runs/scored",
    "score-responses --in runs/policy --reward-model judge/openai/gpt-4.1-mini --out runs/scored " +
    "--judge-mode pairwise --estimate",
    "score-responses --in runs/policy --reward-model judge/openai/gpt-4.1-mini --out runs/scored " +
    "--floor 0.7 --labels prompts.jsonl",
  ],
  options: ScoreResponsesOptions,
  leaves: leavesRecords("scored", ScoredRecord, tallyScores),
  rejects: SCORE_REJECTS,
  run: async (call) => await (await import("./score_responses.ts")).scoreResponses(call),
});

/**
 * Estimates what the judge among the reward models would cost, and sends nothing; no key is needed.
 *
 * @example
 * ```ts
 * import { EMBEDDED_PROMPTS, estimateJudge, samplePolicy } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const out = await Deno.makeTempDir();
 * const policy = { model: "embedded", format: "prompted-nothink", limit: 2, n: 2 } as const;
 * await samplePolicy({ ...policy, prompts: EMBEDDED_PROMPTS, out: `${out}/policy` });
 * const rewardModel = "judge/openai/gpt-4.1-mini";
 * const { prompts, cost } = await estimateJudge({ in: `${out}/policy`, rewardModel, out });
 * assert.ok(prompts === 2 && cost !== null);
 * await Deno.remove(out, { recursive: true });
 * ```
 *
 * @throws {InputError} for bad options or input, and where no reward model is a judge.
 */
export async function estimateJudge(
  options: ScoreResponsesOptions,
  { context }: Pick<CallOptions<never>, "context"> = {},
): Promise<CostEstimate> {
  const settings = parseOptions(ScoreResponsesOptions, options);
  const { estimateJudge } = await import("./estimate_judge.ts");
  return await estimateJudge(settings, defaultContext(context));
}
