/** Stage 3b: a reward for every well-formed reply, on the answer alone. */
import type { z } from "zod";
import { join } from "node:path";
import type { Json } from "../core/canonical.ts";
import type { StageContext } from "../core/context.ts";
import { defaultContext } from "../core/context.ts";
import { InputError, ModelError } from "../core/errors.ts";
import { parseOptions } from "../core/options.ts";
import { type PolicyRecord, ScoredRecord } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { hashInputs } from "../io/hash_inputs.ts";
import { pathsOf } from "../io/input_files.ts";
import { pooled } from "../io/pooled_records.ts";
import { readingOf } from "../io/input_options.ts";
import { hasLoneSurrogate } from "../io/messages.ts";
import { readPolicyRecords, readPolicyRows } from "../io/read_records.ts";
import { givenIdentity, identityKey, identityOf } from "../model/model_identity.ts";
import { openRewardModel } from "../model/open.ts";
import type { RewardModel, ScoringItem } from "../model/reward_model.ts";
import { writeOwnReport } from "../report/own_report.ts";
import { fixedLimit } from "../run/concurrency_limit.ts";
import { type ItemOutcome, runStage } from "../run/run_stage.ts";
import { shardFrom } from "../run/shard.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";
import { checkParity, describeParity } from "./parity.ts";
import { SCORE_REJECTS, ScoreResponsesOptions, tallyScores } from "./score_options.ts";

export { SCORE_REJECTS, ScoreResponsesOptions } from "./score_options.ts";

/**
 * Scores every well-formed reply of every prompt: the reward model sees the prompt and the answer,
 * never the thought. Malformed replies keep `score: null`. With several reward models `score` is
 * the first one's, and `scores` holds all by name.
 *
 * Throws `InputError` for bad options or input, `RunError` where items could not be done.
 */
export async function scoreResponses(
  given: ScoreResponsesOptions,
  overrides: Partial<StageContext> = {},
  givenModel?: RewardModel | RewardModel[],
): Promise<RepliesResult> {
  const options = parseOptions(ScoreResponsesOptions, given);
  const context = defaultContext(overrides);
  const shard = shardFrom(options.shard, context.env, context.log);
  const { format, keep } = options;
  const reading = { ...readingOf(options), format };
  const inputs = await hashInputs(options.in, reading);
  const models = givenModel ? [givenModel].flat() : await openAll(options, context);
  const slots = fixedLimit(
    options.concurrency ?? Math.min(...models.map(({ concurrency }) => concurrency)),
  );
  const specs = [options.rewardModel].flat();
  try {
    checkNames(models);
    const identities = await Promise.all(
      models.map((model, at) =>
        givenModel ? givenIdentity(model, context) : identityOf(specs[at]!, model, context)
      ),
    );
    const tokenizers = await Promise.all(
      options.rewardTokenizer.map((dir) => identityOf(`local/${dir}`, { name: dir }, context)),
    );
    const repairs = new Map<string, number>();
    const read = () => {
      repairs.clear();
      const rows = readPolicyRows(options.in, { ...reading, repairs, scores: false });
      if (pathsOf(options.in).length === 1) return rows;
      return pooled(rows, join(options.out, `.pool-${crypto.randomUUID()}`));
    };
    if (options.checkParity > 0) {
      await tellParity(models, readPolicyRecords(options.in, reading), options, context);
    }
    const run = await runStage<PolicyRecord & { where?: string }, ScoredRecord>({
      stage: "score-responses",
      out: options.out,
      options,
      affects: {
        rewardModel: identities.map(identityKey),
        maxLength: options.maxLength,
        ...(keep.length > 0 ? { keep } : {}),
        ...(tokenizers.length > 0 ? { rewardTokenizer: tokenizers.map(identityKey) } : {}),
      },
      inputs,
      maxBadRows: options.maxBadRows,
      retryRejects: options.retryRejects,
      read,
      content: ({ id, prompt, responses, extra }) => ({
        id,
        prompt,
        ...(extra === undefined ? {} : { extra: extra as Json }),
        responses: responses.map(({ index, text, answer }) => ({ index, text, answer })),
      }),
      work: (record, { signal }) => scored(record, models, options.maxLength, signal),
      record: ScoredRecord,
      reasons: SCORE_REJECTS,
      tally: tallyScores,
      models: models.map(({ name }) => name),
      identities: {
        rewardModel: identities,
        ...(tokenizers.length > 0 ? { rewardTokenizer: tokenizers } : {}),
      },
      packages: packageVersions(...new Set(models.flatMap(({ packages = [] }) => packages))),
      seed: null,
      shard,
      limit: options.limit,
      slots,
      timeoutMs: options.timeout * 1000,
    }, context);
    for (const [repair, count] of repairs) context.log(`repaired in ${count} replies: ${repair}`);
    await writeOwnReport(options.out, "scored", run.worked > 0, context);
    return repliesResult(run);
  } finally {
    if (!givenModel) await Promise.all(models.map((model) => model.close()));
  }
}

async function openAll(
  { rewardModel, rewardTokenizer, baseUrl }: z.output<typeof ScoreResponsesOptions>,
  context: StageContext,
): Promise<RewardModel[]> {
  const specs = [rewardModel].flat();
  if (rewardTokenizer.length > 1 && rewardTokenizer.length !== specs.length) {
    throw new InputError("--reward-tokenizer: give one for all reward models, or one for each");
  }
  const models: RewardModel[] = [];
  try {
    for (const [at, spec] of specs.entries()) {
      const tokenizer = rewardTokenizer[rewardTokenizer.length === 1 ? 0 : at];
      models.push(await openRewardModel({ rewardModel: spec, tokenizer, baseUrl }, context));
    }
  } catch (error) {
    await Promise.all(models.map((model) => model.close()));
    throw error;
  }
  return models;
}

function checkNames(models: readonly RewardModel[]): void {
  const names = new Set<string>();
  for (const { name } of models) {
    if (names.has(name)) throw new InputError(`--reward-model: two are called ${name}`);
    names.add(name);
  }
}

/** The parity probe on the first answers of the input, in one line a model. */
async function tellParity(
  models: readonly RewardModel[],
  records: AsyncIterable<PolicyRecord>,
  { checkParity: wanted, maxLength }: z.output<typeof ScoreResponsesOptions>,
  { log, signal }: StageContext,
): Promise<void> {
  const items: ScoringItem[] = [];
  for await (const record of records) {
    items.push(...scoringItems(record));
    if (items.length >= wanted) break;
  }
  for (const model of models) {
    const parity = await checkParity(model, items.slice(0, wanted), { maxLength, signal });
    log(describeParity(model.name, parity));
  }
}

function scoringItems({ id, prompt, responses, extra }: PolicyRecord): ScoringItem[] {
  return responses.flatMap(({ answer }) =>
    answer === null ? [] : [{ id, prompt, answer, ...(extra ? { extra } : {}) }]
  );
}

async function scored(
  record: PolicyRecord & { where?: string },
  models: readonly RewardModel[],
  maxLength: number,
  signal: AbortSignal,
): Promise<ItemOutcome<ScoredRecord>> {
  const { where: _where, key: _key, ...fields } = record;
  const fault = textFault(record);
  if (fault !== null) return { reject: { reason: "invalid_unicode", detail: fault } };
  const items = scoringItems(record);
  const byModel = await Promise.all(
    models.map((model) => items.length > 0 ? model.score(items, { maxLength, signal }) : []),
  );
  let next = 0;
  const responses = record.responses.map((response) => {
    if (response.answer === null) return { ...response, score: null };
    const at = next++;
    const each = byModel.map((scores) => scores[at]!);
    const wrong = each.find(({ score }) => !Number.isFinite(score));
    if (wrong) {
      throw new ModelError("reject", `reply ${response.index}: the reward is ${wrong.score}`, {
        reason: "not_finite",
      });
    }
    const scores = Object.fromEntries(models.map(({ name }, model) => [name, each[model]!.score]));
    return {
      ...response,
      score: each[0]!.score,
      ...(models.length > 1 ? { scores } : {}),
      ...(each.some(({ truncated }) => truncated) ? { truncated: true } : {}),
    };
  });
  return { record: { ...fields, responses, reward_model: models[0]!.name } };
}

/** Which text has half a surrogate pair in it, and so no UTF-8 form that a model could be sent. */
function textFault({ id, source, prompt, responses }: PolicyRecord): string | null {
  if (!id.isWellFormed() || !source.isWellFormed()) return "half a surrogate pair in id or source";
  if (hasLoneSurrogate(prompt)) return "half a surrogate pair in the prompt";
  const reply = responses.find(({ answer }) => answer !== null && !answer.isWellFormed());
  return reply === undefined ? null : `reply ${reply.index}: half a surrogate pair in its answer`;
}
