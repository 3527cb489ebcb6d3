/** The loop from data to a better model and back, on the embedded models and prompts. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import type { BuildDpoOptions } from "../dataset/dpo/dpo_options.ts";
import { buildDpo } from "../dataset/dpo/dpo_stage.ts";
import type { BuildSftOptions } from "../dataset/sft/sft_options.ts";
import { buildSft } from "../dataset/sft/sft_stage.ts";
import { folderIdentity } from "../io/folder_identity.ts";
import { EMBEDDED_POLICY, EMBEDDED_TRAIN_PROMPTS } from "../model/embedded/paths.ts";
import { samplePolicy } from "../policy/stage.ts";
import { createPromptedModel } from "../prompted/stage.ts";
import { scoreResponses } from "../reward/stage.ts";
import type { Around } from "../run/define_stage.ts";
import { conditionsOf, type Proof } from "./conditions.ts";
import { trainingPython } from "./environment.ts";
import { type HeldOut, heldOutOf, measure, type Trained } from "./held_out.ts";
import { type Arm, ARMS, type ProveSettings } from "./prove_options.ts";
import { train, type Training, trainingLog } from "./train.ts";

/** Rows a step. */
const BATCH = 32;

/** Sampling as the embedded policy is used: both right and wrong. */
export const SAMPLING = { n: 8, temperature: 1, maxTokens: 256 };

/**
 * Samples, scores, builds real pairs, controls and an SFT set, trains a model on each, and measures
 * all on prompts that none has seen. What stands in `out` already is not done again.
 */
export async function prove(
  settings: ProveSettings,
  context: StageContext,
  builders: Builders = { buildDpo, buildSft },
): Promise<Proof[]> {
  const variants = settings.variant === "both" ? ["think", "nothink"] as const : [settings.variant];
  const proofs: Proof[] = [];
  for (const variant of variants) {
    proofs.push(await proveVariant(variant, settings, context, builders));
  }
  return proofs;
}

/** What makes the datasets: the stages, or what is to be proved in their place. */
export interface Builders {
  buildDpo: (options: BuildDpoOptions, around: Around) => Promise<unknown>;
  buildSft: (options: BuildSftOptions, around: Around) => Promise<unknown>;
}

async function proveVariant(
  variant: "think" | "nothink",
  settings: ProveSettings,
  context: StageContext,
  builders: Builders,
): Promise<Proof> {
  const root = join(settings.out, variant), at = (...names: string[]) => join(root, ...names);
  const around = { context }, format = `prompted-${variant}` as const;
  const model = at("model");
  if (await Deno.stat(model).catch(() => null) === null) {
    await createPromptedModel({ model: EMBEDDED_POLICY, out: model, variant }, around);
  }
  const arms = ARMS.filter(({ quick }) => quick || !settings.quick);
  const limit = settings.prompts ?? (settings.quick ? 690 : undefined);
  const zero: Trained = { name: "zero", arm: "zero", seed: 0, round: 0, folder: model };
  const models: Trained[] = [zero], failed: Trained[] = [];

  const round = async (from: Trained, round: number, arms: readonly Arm[], seeds: number[]) => {
    const data = (name: string) => at("data", round === 1 ? name : `${from.name}-${name}`);
    await samplePolicy({
      ...SAMPLING,
      prompts: EMBEDDED_TRAIN_PROMPTS,
      model: `local/${from.folder}`,
      format,
      out: data("policy"),
      seed: settings.seed + round - 1,
      limit,
    }, around);
    const scoring = { rewardModel: "embedded", maxLength: 1024, out: data("scored") };
    await scoreResponses({ in: data("policy"), ...scoring }, around);
    for (const arm of arms) await build(arm, data("scored"), data(arm.name), from.folder);
    const trained = arms.flatMap((arm) =>
      seeds.map((seed): [Arm, Trained] => {
        const name = `${arm.name}${round > 1 ? `-round-${round}` : ""}-${seed}`;
        return [arm, { name, arm: arm.name, seed, round, folder: at("trained", name) }];
      })
    );
    const trainings = trained.map(([arm, { name, seed, folder }]): Training => ({
      name,
      method: arm.method,
      model: from.folder,
      dataset: data(arm.name),
      out: folder,
      seed,
      learningRate: settings.learningRate * (arm.method === "sft" ? 3 : 1),
      batch: BATCH,
      loss: ["sigmoid"],
      stops: arm.method === "dpo" && !arm.control,
    }));
    const python = () =>
      settings.python === undefined
        ? trainingPython(context.log, context.signal)
        : Promise.resolve(settings.python);
    const anew = await train(trainings, { python, threads: settings.threads }, context);
    // What was measured of other weights under the same name.
    for (const name of anew) {
      await Deno.remove(heldOutOf(root, name).folder, RECURSIVE).catch(() => {});
    }
    for (const [, one] of trained) {
      const collapsed = (await trainingLog(one.folder))?.collapsed;
      if (!collapsed) models.push(one);
      else {
        failed.push(one);
        context.log(
          `${one.name}: stopped at step ${collapsed.step}: rewards/chosen of validation fell to ` +
            `${collapsed.chosen.toFixed(3)}, below 0: the chosen replies became less likely; ` +
            "take a smaller --learning-rate",
        );
      }
    }
  };

  const build = async (arm: Arm, scored: string, out: string, tokenizer: string) => {
    if (arm.method === "dpo") {
      const options = { in: scored, out, format, tokenizer, seed: settings.seed, overwrite: true };
      await builders.buildDpo({ ...options, ...arm.build }, around);
    } else {
      const options = { in: scored, out, variant, seed: settings.seed, overwrite: true };
      await builders.buildSft(
        { ...options, tokenizer: [`prompted=${tokenizer}`], ...arm.build },
        around,
      );
    }
  };

  await round(zero, 1, arms, settings.trainSeed);
  for (let number = 2; number <= settings.rounds; number++) {
    const before = models.filter(({ arm, round }) => arm === "dpo" && round === number - 1);
    for (const from of before) await round(from, number, [ARMS[0]!], [from.seed]);
  }

  const heldOut: HeldOut[] = [];
  for (const one of models) {
    heldOut.push(
      await measure(root, one, {
        ...SAMPLING,
        format,
        seed: settings.seed,
        limit: settings.heldOut ?? (settings.quick ? 246 : undefined),
      }, context),
    );
  }
  const weights = await Promise.all(
    models.map(async ({ name, folder }) => [name, (await folderIdentity(folder)).weights ?? null]),
  );
  return await conditionsOf(variant, {
    models,
    failed,
    heldOut,
    weights: Object.fromEntries(weights),
  }, {
    seed: settings.seed,
    signal: context.signal,
  });
}

const RECURSIVE = { recursive: true };
