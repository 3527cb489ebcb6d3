/** Stage 3b: a reward for every well-formed reply, on the answer alone. */
import { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { defaultContext } from "../core/context.ts";
import { ModelError } from "../core/errors.ts";
import { Format, type PolicyRecord, type ScoredRecord } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { hashInputs } from "../io/hash_inputs.ts";
import { readPolicyRecords } from "../io/read_records.ts";
import { openRewardModel } from "../model/open.ts";
import type { RewardModel, ScoringItem } from "../model/reward_model.ts";
import { fixedLimit } from "../run/concurrency_limit.ts";
import { runOptions } from "../run/run_options.ts";
import { type ItemOutcome, runStage, type Tally } from "../run/run_stage.ts";
import { shardFrom } from "../run/shard.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";

/** Options of `scoreResponses`, and of `deno task score-responses`. */
export const ScoreResponsesOptions = z.object({
  in: z.string().min(1).describe("replies: a sample-policy run, or files of its records"),
  rewardModel: z.string().describe("embedded, local/DIR, vllm/NAME, tei/NAME, sglang/NAME"),
  maxLength: z.number().int().positive().default(4096).describe(
    "tokens of prompt and answer together; a longer answer is cut at its end and counted",
  ),
  baseUrl: z.array(z.string()).default([]).describe("server of the reward model"),
  format: Format.optional().describe("for replies that do not say it (the public scripts' files)"),
  allowPartial: z.boolean().default(false).describe("read a run that is not finished"),
  ...runOptions,
});
export type ScoreResponsesOptions = z.input<typeof ScoreResponsesOptions>;

/** Why `scoreResponses` gives up a prompt. */
export const SCORE_REJECTS = [
  "context_overflow",
  "not_finite",
  "template_error",
  "invalid_unicode",
  "model_error",
  "other",
] as const;

/**
 * Scores every well-formed reply of every prompt: the reward model sees the prompt and the answer,
 * never the thought. Malformed replies keep `score: null`.
 *
 * Throws `InputError` for bad options or input, `RunError` where items could not be done.
 */
export async function scoreResponses(
  given: ScoreResponsesOptions,
  overrides: Partial<StageContext> = {},
  givenModel?: RewardModel,
): Promise<RepliesResult> {
  const options = ScoreResponsesOptions.parse(given);
  const context = defaultContext(overrides);
  const shard = shardFrom(options.shard, context.env);
  const reading = { allowPartial: options.allowPartial, format: options.format };
  const inputs = await hashInputs(options.in, reading);
  const model = givenModel ?? await openRewardModel(options, context);
  try {
    const run = await runStage<PolicyRecord & { where?: string }, ScoredRecord>({
      stage: "score-responses",
      out: options.out,
      options,
      affects: { rewardModel: options.rewardModel, maxLength: options.maxLength },
      inputs,
      read: () => readPolicyRecords(options.in, reading),
      content: ({ id, prompt, responses }) => ({
        id,
        prompt,
        responses: responses.map(({ index, text, answer }) => ({ index, text, answer })),
      }),
      work: (record, { signal }) => scored(record, model, options.maxLength, signal),
      reasons: SCORE_REJECTS,
      tally: tallyScores,
      models: [model.name],
      packages: packageVersions("@huggingface/transformers", "onnxruntime-node"),
      seed: null,
      shard,
      limit: options.limit,
      slots: fixedLimit(options.concurrency ?? model.concurrency),
      timeoutMs: options.timeout * 1000,
    }, context);
    return repliesResult(run);
  } finally {
    if (!givenModel) await model.close();
  }
}

async function scored(
  record: PolicyRecord & { where?: string },
  model: RewardModel,
  maxLength: number,
  signal: AbortSignal,
): Promise<ItemOutcome<ScoredRecord>> {
  const { where: _where, key: _key, ...fields } = record;
  const items: ScoringItem[] = [];
  for (const { answer } of record.responses) {
    if (answer !== null) items.push({ prompt: record.prompt, answer });
  }
  const scores = items.length > 0 ? await model.score(items, { maxLength, signal }) : [];
  let next = 0;
  const responses = record.responses.map((response) => {
    if (response.answer === null) return { ...response, score: null };
    const { score, truncated } = scores[next++]!;
    if (!Number.isFinite(score)) {
      throw new ModelError("reject", `reply ${response.index}: the reward is ${score}`, {
        reason: "not_finite",
      });
    }
    return { ...response, score, ...(truncated ? { truncated } : {}) };
  });
  return { record: { ...fields, responses, reward_model: model.name } };
}

/** Counts replies scored, left out as malformed, and cut to the reward model's length. */
export function tallyScores(record: ScoredRecord, { extra }: Tally): void {
  for (const { score, truncated } of record.responses) {
    const name = score === null ? "unscored_replies" : "scored_replies";
    extra[name] = (extra[name] ?? 0) + 1;
    if (truncated) extra.truncated_answers = (extra.truncated_answers ?? 0) + 1;
  }
}
