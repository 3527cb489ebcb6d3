/** Rounds: sample, score, build, train by the user's command, export; the next begins where one ended. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import type { Manifest } from "../core/manifest.ts";
import { buildDpo } from "../dataset/dpo/stage.ts";
import { buildSft } from "../dataset/sft/stage.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import { EvaluateOptions } from "../evaluate/evaluate_options.ts";
import { folderIdentity } from "../io/disk/folder_identity.ts";
import { hashInputs } from "../io/inputs/hash_inputs.ts";
import { samplePolicy } from "../policy/stage.ts";
import { scoreResponses } from "../reward/stage.ts";
import { leaveLineage } from "./leave_lineage.ts";
import { makeByCommand } from "./made_folder.ts";
import { filled } from "./read_config.ts";
import type { RoundConfig } from "./round_options.ts";

/** What a round came to: `OUT/round-N/round.json`. */
export interface RoundTold {
  round: number;
  /** SHA-256 over the weights of the policy that was sampled, of the reference, and of what came out. */
  policy: string | null;
  reference: string | null;
  trained: string | null;
  /** SHA-256 of each file of prompts. */
  prompts: string[];
  /** Replies of the policy, the share of them that is malformed, and their mean reward. */
  replies: number;
  malformed: number;
  reward: number;
  /** Rows of the dataset, and the SHA-256 of its files. */
  rows: number;
  dataset: string[];
}

/**
 * Does the rounds that are not done yet, each step where the last process left it, and tells of
 * all.
 *
 * @throws {InputError} for options that a stage refuses, and where weights were exchanged under a
 * round that has been sampled.
 * @throws {RunError} where a stage or a command fails.
 */
export async function rounds(
  config: RoundConfig,
  count: number,
  context: StageContext,
): Promise<RoundTold[]> {
  const told: RoundTold[] = [];
  let policy = config.model;
  for (let round = 1; round <= count; round++) {
    const one = await doRound(config, round, policy, context);
    told.push(one.told);
    policy = one.model;
  }
  return told;
}

async function doRound(
  config: RoundConfig,
  round: number,
  policy: string,
  context: StageContext,
): Promise<{ told: RoundTold; model: string }> {
  const root = join(config.out, `round-${round}`), at = (name: string) => join(root, name);
  const model = config.export === undefined ? at("trained") : at("model");
  const file = at("round.json");
  const done = await Deno.readTextFile(file).catch(() => undefined);
  // The replies of a round that is done may have been removed; its own account stays.
  if (done !== undefined && config.history === "replace") {
    const told: RoundTold = JSON.parse(done);
    if (await weightsOf(model) === told.trained) return { told, model };
  }
  const around = { context }, seed = config.seed + round - 1;
  await samplePolicy({
    ...config.sample,
    prompts: config.prompts,
    model: `local/${policy}`,
    seed,
    out: at("policy"),
  }, around);
  const scoring = { in: at("policy"), rewardModel: config.rewardModel, out: at("scored") };
  await scoreResponses({ ...config.score, ...scoring }, around);

  const earlier = Array.from({ length: config.pool ? round - 1 : 0 }, (_, i) => i + 1)
    .map((number) => join(config.out, `round-${number}`, "scored"));
  const scored = [at("scored"), ...earlier];
  const building = { in: scored, out: at("dataset"), seed: config.seed, overwrite: true };
  if (config.dataset === "dpo") {
    await buildDpo({ ...config.build, ...building, tokenizer: policy }, around);
  } else {
    const tokenizer = [`policy=${policy}`];
    await buildSft({ best: 1, ...config.build, ...building, tokenizer }, around);
  }

  const reference = config.reference === "first" ? config.model : policy;
  const weights = { policy: await weightsOf(policy), reference: await weightsOf(reference) };
  const { outputs }: Manifest = JSON.parse(await Deno.readTextFile(at("dataset/manifest.json")));
  const data = outputs.filter(({ path }) => path.endsWith(".parquet"));
  const dataset = data.map(({ sha256 }) => sha256);
  const values = {
    model: policy,
    reference,
    dataset: at("dataset"),
    round: `${round}`,
    seed: `${seed}`,
  };
  await makeByCommand(at("trained"), {
    commandFor: (out) => filled(config.train, { ...values, out }),
    madeOf: { ...weights, dataset },
    finish: (folder) =>
      leaveLineage(folder, { model: policy, dataset: at("dataset"), madeBy: "training" }),
  }, context);
  if (config.export !== undefined) {
    const trained = at("trained");
    await makeByCommand(model, {
      commandFor: (out) => filled(config.export!, { ...values, trained, out }),
      madeOf: { trained: await weightsOf(trained) },
      finish: (folder) => leaveLineage(folder, { model: trained, madeBy: "export" }),
    }, context);
  }

  const options = EvaluateOptions.parse({ in: [at("scored")] });
  const [run] = (await evaluate(options, context)).runs;
  const told: RoundTold = {
    round,
    ...weights,
    trained: await weightsOf(model),
    prompts: (await hashInputs(config.prompts)).map(({ sha256 }) => sha256),
    replies: run!.replies,
    malformed: run!.figures.malformed!.value,
    reward: run!.figures.reward?.value ?? NaN,
    rows: data.reduce((sum, { rows }) => sum + rows, 0),
    dataset,
  };
  await Deno.writeTextFile(file, JSON.stringify(told, null, 2) + "\n");
  if (config.history === "replace" && round > 1) await removeHistory(config, round - 1);
  return { told, model };
}

/** What a folder's files of weights hash to. */
async function weightsOf(folder: string): Promise<string | null> {
  return (await folderIdentity(folder)).weights ?? null;
}

/** All but the model and the account of a round. */
async function removeHistory(config: RoundConfig, round: number): Promise<void> {
  const names = ["policy", "scored", "dataset", ...(config.export ? ["trained"] : [])];
  for (const name of names) {
    await Deno.remove(join(config.out, `round-${round}`, name), { recursive: true }).catch(
      () => {},
    );
  }
}
