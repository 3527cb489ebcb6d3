/** Stage 3b: a reward for every well-formed reply, on the answer alone. */
import type { z } from "zod";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { PolicyRecord, ScoredRecord, ScoredReply } from "../core/records.ts";
import { packageVersions } from "../core/version.ts";
import { resolveFolder, tokenizerFiles } from "../io/hub/hub_model.ts";
import { readPolicyRecords } from "../io/records/read_records.ts";
import { checkGiven } from "../model/given_model.ts";
import { givenIdentity, identityKey, identityOf } from "../model/model_identity.ts";
import { openRewardModel, type OpenRewardModelOptions } from "../model/open.ts";
import { freeRun, PAID_RUN } from "../model/paid/paid_run.ts";
import type { RewardModel, ScoringItem } from "../model/reward_model.ts";
import { localRunOf } from "../model/providers/local_options.ts";
import { type Opening, runRecords } from "../report/record_stage.ts";
import type { StageCall } from "../run/define_stage.ts";
import { recordRun } from "../run/record_run.ts";
import { type RepliesResult, repliesResult } from "../view/results.ts";
import { combinationOf } from "./combine.ts";
import { judgeIn, judgeOf } from "./judge_options.ts";
import { checkParity, describeParity } from "./parity.ts";
import { scoredRecord, scoringItems } from "./score_record.ts";
import type { ScoreResponsesOptions } from "./score_options.ts";
import { readingFor, type Row, scoredRows } from "./scored_rows.ts";
import { heldToFloor } from "./trial.ts";

/** Runs `score-responses`. */
export async function scoreResponses(
  call: StageCall<typeof ScoreResponsesOptions, RewardModel | RewardModel[]>,
): Promise<RepliesResult> {
  const { options, context, model: given } = call;
  if (options.estimate) throw new InputError("--estimate: call estimateJudge; this one scores");
  for (const model of [given ?? []].flat()) checkGiven(model, "RewardModel");
  const { in: paths, floor, maxLength } = options, specs = [options.rewardModel].flat();
  const reading = readingFor(options), { keep } = reading;
  const repairs = new Map<string, number>(), tried = new Map<string, ScoredRecord>();
  const rows = scoredRows(options, options.out, repairs);
  const input = await recordRun<Row>(options, context, { paths, reading, ...rows });
  let models: RewardModel[] = [];
  const run = await runRecords<Row, ScoredRecord>(call, input, async ({ folder, closing }) => {
    // A judge's bill is kept in the run's folder.
    const judge = given === undefined && judgeOf(specs) !== undefined
      ? await judgeIn(options, folder(), context)
      : undefined;
    models = given ? [given].flat() : await openAll(options, judge?.judge, closing, context);
    checkNames(models);
    const combination = combinationOf(models.map(({ name }) => name), options);
    const identities = await Promise.all(
      models.map((model, at) =>
        given ? givenIdentity(model, context) : identityOf(specs[at]!, model, context)
      ),
    );
    const tokenizers = await Promise.all(
      options.rewardTokenizer.map(async (name) => {
        const folder = await resolveFolder(name, context, tokenizerFiles);
        return await identityOf(`local/${name}`, { name, folder }, context);
      }),
    );
    if (options.checkParity > 0) {
      await tellParity(models, readPolicyRecords(paths, reading), options, context);
    }
    return {
      affects: {
        rewardModel: identities.map(identityKey),
        // Rewards that do not go by tokens are the same at another length.
        maxLength: models.every((model) => model.readsByTokens === false) ? null : maxLength,
        ...(combination.name === models[0]!.name ? {} : { combination: combination.name }),
        ...(keep.length > 0 ? { keep } : {}),
        ...localRunOf(specs, options),
        ...(tokenizers.length > 0 ? { rewardTokenizer: tokenizers.map(identityKey) } : {}),
      },
      work: async (record, { signal }) => {
        const known = tried.get(record.id);
        if (known) return { record: known };
        return await scoredRecord(record, models, combination, { maxLength, signal });
      },
      models: models.map(({ name }) => name),
      identities: {
        rewardModel: identities,
        ...(tokenizers.length > 0 ? { rewardTokenizer: tokenizers } : {}),
      },
      packages: packageVersions(...new Set(models.flatMap(({ packages = [] }) => packages))),
      seed: null,
      ...freeRun(options, models),
      ...(judge ? { paid: judge.paid(), ...PAID_RUN } : {}),
    };
  }, async (run) => {
    if (floor === undefined) return;
    const place = specs.findIndex((spec) => judgeOf([spec]) !== undefined);
    const name = models.length > 1 ? models[place]?.name : undefined;
    const of = ({ score, scores }: ScoredReply) => name === undefined ? score : scores![name]!;
    for (const record of await heldToFloor({ ...options, floor }, run, of, context)) {
      tried.set(record.id, record);
    }
  });
  for (const [repair, count] of repairs) context.log(`repaired in ${count} replies: ${repair}`);
  return repliesResult(run);
}

/** Opens the reward models, each of them to be closed. */
async function openAll(
  { rewardModel, rewardTokenizer, ...options }: z.output<typeof ScoreResponsesOptions>,
  judge: OpenRewardModelOptions["judge"],
  closing: Opening["closing"],
  context: StageContext,
): Promise<RewardModel[]> {
  const specs = [rewardModel].flat();
  if (rewardTokenizer.length > 1 && rewardTokenizer.length !== specs.length) {
    throw new InputError("--reward-tokenizer: give one for all reward models, or one for each");
  }
  const models: RewardModel[] = [];
  for (const [at, spec] of specs.entries()) {
    const tokenizer = rewardTokenizer[rewardTokenizer.length === 1 ? 0 : at];
    const { baseUrl, labelKey, moduleAllow } = options;
    const run = localRunOf(specs, options);
    const opening = { rewardModel: spec, tokenizer, baseUrl, labelKey, moduleAllow, judge, ...run };
    models.push(closing(await openRewardModel(opening, context)));
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
