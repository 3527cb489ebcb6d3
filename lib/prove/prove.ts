/** The loop from data to a better model and back, on the embedded models and prompts. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import type { BuildDpoOptions } from "../dataset/dpo/dpo_options.ts";
import { buildDpo } from "../dataset/dpo/stage.ts";
import type { BuildSftOptions } from "../dataset/sft/sft_options.ts";
import { buildSft } from "../dataset/sft/stage.ts";
import { folderIdentity } from "../io/disk/folder_identity.ts";
import { EMBEDDED_POLICY, EMBEDDED_TRAIN_PROMPTS } from "../model/embedded/paths.ts";
import { samplePolicy } from "../policy/stage.ts";
import { createPromptedModel } from "../prompted/stage.ts";
import { scoreResponses } from "../reward/stage.ts";
import type { CallOptions } from "../run/define_stage.ts";
import type { Proof } from "./conditions.ts";
import { givenPython, trainingPython } from "./environment.ts";
import { type HeldOut, measure, SAMPLING } from "./held_out.ts";
import { laterRounds } from "./later_rounds.ts";
import { proofOf } from "./proof_of.ts";
import { type Arm, ARMS, type ProveSettings } from "./prove_options.ts";
import { train, type Training, trainingLog } from "./train.ts";
import type { Trained } from "./trained.ts";

/** Rows a step. */
const BATCH = 32;

/**
 * Samples, scores, builds real pairs, controls and an SFT set, trains a model on each, and measures
 * all on prompts that none has seen. What stands in `out` already is not done again.
 */
export async function prove(
  settings: ProveSettings,
  context: StageContext,
  builders: Builders = { buildDpo, buildSft },
): Promise<Proof[]> {
  const { log, signal } = context;
  // Before anything is sampled, so that no wait is in vain where there is no Python to train with.
  const python = settings.python === undefined
    ? await trainingPython(log, signal)
    : await givenPython(settings.python, signal);
  const variants = settings.variant === "both" ? ["think", "nothink"] as const : [settings.variant];
  const proofs: Proof[] = [];
  for (const variant of variants) {
    proofs.push(await proveVariant(variant, { ...settings, python }, context, builders));
  }
  return proofs;
}

/** What makes the datasets: the stages, or what is to be proved in their place. */
export interface Builders {
  buildDpo: (options: BuildDpoOptions, call: CallOptions) => Promise<unknown>;
  buildSft: (options: BuildSftOptions, call: CallOptions) => Promise<unknown>;
}

async function proveVariant(
  variant: "think" | "nothink",
  settings: ProveSettings & { python: string },
  context: StageContext,
  builders: Builders,
): Promise<Proof> {
  const root = join(settings.out, variant), at = (...names: string[]) => join(root, ...names);
  const around = { context }, format = `prompted-${variant}` as const;
  const { seed, threads, python } = settings, { signal } = context;
  const model = at("model");
  if (await Deno.stat(model).catch(() => null) === null) {
    await createPromptedModel({ model: EMBEDDED_POLICY, out: model, variant }, around);
  }
  const zero: Trained = { name: "zero", arm: "zero", seed: 0, round: 0, folder: model };
  const limit = settings.prompts ?? (settings.quick ? 690 : undefined);

  const scored = at("data", "scored");
  await samplePolicy({
    ...{ ...SAMPLING, prompts: EMBEDDED_TRAIN_PROMPTS, model: `local/${model}` },
    ...{ format, out: at("data", "policy"), seed, limit },
  }, around);
  const scoring = { rewardModel: "embedded", maxLength: 1024, out: scored };
  await scoreResponses({ in: at("data", "policy"), ...scoring }, around);

  const arms = ARMS.filter(({ quick }) => quick || !settings.quick);
  const trained: Trained[] = [], trainings: Training[] = [];
  for (const arm of arms) {
    const dataset = at("data", arm.name);
    const building = { in: scored, out: dataset, seed, overwrite: true, ...arm.build };
    if (arm.method === "dpo") {
      await builders.buildDpo({ ...building, format, tokenizer: model }, around);
    } else {
      await builders.buildSft({ ...building, variant, tokenizer: [`prompted=${model}`] }, around);
    }
    for (const training of settings.trainSeed) {
      const name = `${arm.name}-${training}`, out = at("trained", name);
      trained.push({ name, arm: arm.name, seed: training, round: 1, folder: out });
      trainings.push({ ...trainingOf(arm, training, settings), name, model, dataset, out });
    }
  }
  const anew = await train(trainings, { python, threads }, context);
  await forget(root, anew);

  for (const one of settings.rounds > 1 ? trained.filter(({ arm }) => arm === "dpo") : []) {
    if ((await trainingLog(one.folder))?.collapsed) continue;
    const out = at("rounds", one.name), training = trainingOf(arms[0]!, one.seed, settings);
    const each = { out, format, limit, seed, python, threads, training };
    trained.push(...await laterRounds(one, settings.rounds - 1, each, context));
  }

  const models: Trained[] = [zero], failed: Trained[] = [];
  for (const one of trained) {
    const collapsed = (await trainingLog(one.folder))?.collapsed;
    (collapsed ? failed : models).push(one);
    if (!collapsed) continue;
    context.log(
      `${one.name}: stopped at step ${collapsed.step}: rewards/chosen of validation fell to ` +
        `${collapsed.chosen.toFixed(3)}, below 0: the chosen replies became less likely; ` +
        "take a smaller --learning-rate",
    );
  }
  const heldOut: HeldOut[] = [], weights: Record<string, string | null> = {};
  for (const one of models) {
    const few = settings.heldOut ?? (settings.quick ? 246 : undefined);
    heldOut.push(await measure(root, one, { ...SAMPLING, format, seed, limit: few }, context));
    weights[one.name] = (await folderIdentity(one.folder)).weights ?? null;
  }
  return await proofOf(variant, { models, failed, heldOut, weights }, { seed, signal });
}

/** Removes what came of other weights under the same names: later rounds, and what was measured. */
async function forget(root: string, names: readonly string[]): Promise<void> {
  for (const folder of ["rounds", "held-out"].map((name) => join(root, name))) {
    await Deno.mkdir(folder, { recursive: true });
    for (const { name } of await Array.fromAsync(Deno.readDir(folder))) {
      if (!names.some((one) => name === one || name.startsWith(`${one}-round-`))) continue;
      await Deno.remove(join(folder, name), { recursive: true });
    }
  }
}

/** How an arm is trained. */
function trainingOf({ method, control }: Arm, seed: number, { learningRate }: ProveSettings) {
  const dpo = method === "dpo", rate = learningRate * (dpo ? 1 : 3);
  const stops = dpo && !control;
  return { method, seed, learningRate: rate, batch: BATCH, loss: ["sigmoid"], stops };
}
