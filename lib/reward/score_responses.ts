/** Stage 3b: a reward for every well-formed reply, on the answer alone. */
import type { z } from "zod";
import { join } from "node:path";
import type { Json } from "../core/canonical.ts";
import type { StageContext } from "../core/context.ts";
import { defaultContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { parseOptions } from "../core/options.ts";
import { type PolicyRecord, ScoredRecord, type ScoredReply } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { resolveFolder, tokenizerFiles } from "../io/hub_model.ts";
import { pathsOf } from "../io/input_files.ts";
import { pooled } from "../io/pooled_records.ts";
import { readingOf } from "../io/input_options.ts";
import { readPolicyRecords, readPolicyRows } from "../io/read_records.ts";
import { localRunOf } from "../model/providers/local_options.ts";
import { givenIdentity, identityKey, identityOf } from "../model/model_identity.ts";
import { openRewardModel, type OpenRewardModelOptions } from "../model/open.ts";
import { NO_TIMEOUT_MS } from "../model/paid/open_paid.ts";
import type { RewardModel, ScoringItem } from "../model/reward_model.ts";
import { writeOwnReport } from "../report/own_report.ts";
import { fixedLimit } from "../run/concurrency_limit.ts";
import { PAID_ATTEMPTS } from "../run/retry.ts";
import { openRunFolder } from "../run/run_folder.ts";
import { recordRun } from "../run/record_run.ts";
import { runStage } from "../run/run_stage.ts";
import type { StageRun } from "../run/stage_run.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";
import { checkParity, describeParity } from "./parity.ts";
import { combinationOf } from "./combine.ts";
import { judgeIn, judgeOf } from "./judge_options.ts";
import { scoredRecord, scoringItems } from "./score_record.ts";
import { heldToFloor } from "./trial.ts";
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
  if (options.estimate) throw new InputError("--estimate: call estimateJudge; this one scores");
  const context = defaultContext(overrides);
  const { format } = options;
  const keep = keptOf(options);
  const reading = { ...readingOf(options), keep, format };
  const common = await recordRun({ paths: options.in, reading }, options, context);
  const judged = givenModel ? undefined : judgeOf([options.rewardModel].flat());
  // A judge's bill is kept in the run's folder.
  const folder = judged === undefined
    ? undefined
    : openRunFolder(options.out, common.shard, context.disk);
  const models: RewardModel[] = givenModel ? [givenModel].flat() : [];
  const specs = [options.rewardModel].flat();
  try {
    const judge = folder && await judgeIn(options, folder, context);
    if (!givenModel) await openAll(models, options, judge?.judge, context);
    const slots = fixedLimit(
      options.concurrency ?? Math.min(...models.map(({ concurrency }) => concurrency)),
    );
    checkNames(models);
    const combination = combinationOf(models.map(({ name }) => name), options);
    const identities = await Promise.all(
      models.map((model, at) =>
        givenModel ? givenIdentity(model, context) : identityOf(specs[at]!, model, context)
      ),
    );
    const tokenizers = await Promise.all(
      options.rewardTokenizer.map(async (name) => {
        const folder = await resolveFolder(name, context, tokenizerFiles);
        return await identityOf(`local/${name}`, { name, folder }, context);
      }),
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
    const tried = new Map<string, ScoredRecord>();
    const stage: StageRun<PolicyRecord & { where?: string }, ScoredRecord> = {
      ...common,
      stage: "score-responses",
      ...(folder ? { folder } : {}),
      options,
      affects: {
        rewardModel: identities.map(identityKey),
        // Rewards that do not go by tokens are the same at another length.
        maxLength: models.every((model) => model.readsByTokens === false)
          ? null
          : options.maxLength,
        ...(combination.name === models[0]!.name ? {} : { combination: combination.name }),
        ...(keep.length > 0 ? { keep } : {}),
        ...localRunOf(specs, options),
        ...(tokenizers.length > 0 ? { rewardTokenizer: tokenizers.map(identityKey) } : {}),
      },
      read,
      content: ({ id, prompt, responses, extra }) => ({
        id,
        prompt,
        ...(extra === undefined ? {} : { extra: extra as Json }),
        responses: responses.map(({ index, text, answer }) => ({ index, text, answer })),
      }),
      work: async (record, { signal }) => {
        const known = tried.get(record.id);
        if (known) return { record: known };
        const { maxLength } = options;
        return await scoredRecord(record, models, combination, { maxLength, signal });
      },
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
      slots,
      paid: judge?.paid(),
      ...(judge ? { attempts: PAID_ATTEMPTS } : {}),
      // A judge's requests have each their own limit, and wait for their turn.
      timeoutMs: judge ? NO_TIMEOUT_MS : options.timeout * 1000,
    };
    const { floor } = options;
    if (floor !== undefined) {
      const place = specs.findIndex((spec) => judgeOf([spec]) !== undefined);
      const name = models.length > 1 ? models[place]?.name : undefined;
      const of = ({ score, scores }: ScoredReply) => name === undefined ? score : scores![name]!;
      for (const record of await heldToFloor({ ...options, floor }, stage, of, context)) {
        tried.set(record.id, record);
      }
    }
    const run = await runStage(stage, context);
    for (const [repair, count] of repairs) context.log(`repaired in ${count} replies: ${repair}`);
    await writeOwnReport(options.out, "scored", run.worked > 0, context);
    return repliesResult(run);
  } finally {
    try {
      if (!givenModel) await Promise.all(models.map((model) => model.close()));
    } finally {
      folder?.close();
    }
  }
}

/** The columns that are carried along: those of rules among them. */
function keptOf(
  { keep, labelKey, rewardModel, labels: file }: z.output<typeof ScoreResponsesOptions>,
): string[] {
  const specs = [rewardModel].flat();
  const ofFile = file !== undefined && !specs.some((spec) => spec.startsWith("rule/"));
  const labels = labelKey !== undefined
    ? ofFile ? [] : [labelKey]
    : specs.includes("rule/ifeval")
    ? ["instruction_id_list", "kwargs"]
    : [];
  return [...new Set([...keep, ...labels])];
}

/** Opens the reward models into `models`, so that those that are open can be closed. */
async function openAll(
  models: RewardModel[],
  { rewardModel, rewardTokenizer, ...options }: z.output<typeof ScoreResponsesOptions>,
  judge: OpenRewardModelOptions["judge"],
  context: StageContext,
): Promise<void> {
  const specs = [rewardModel].flat();
  if (rewardTokenizer.length > 1 && rewardTokenizer.length !== specs.length) {
    throw new InputError("--reward-tokenizer: give one for all reward models, or one for each");
  }
  for (const [at, spec] of specs.entries()) {
    const tokenizer = rewardTokenizer[rewardTokenizer.length === 1 ? 0 : at];
    const { baseUrl, labelKey, moduleAllow } = options;
    const run = localRunOf(specs, options);
    const opening = { rewardModel: spec, tokenizer, baseUrl, labelKey, moduleAllow, judge, ...run };
    models.push(await openRewardModel(opening, context));
  }
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
