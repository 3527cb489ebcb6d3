/** Measures every model against the untrained one, and the DPO models against random pairs. */
import { evaluate } from "../evaluate/evaluate.ts";
import { EvaluateOptions } from "../evaluate/evaluate_options.ts";
import { EMBEDDED_PROMPTS } from "../model/embedded/paths.ts";
import type { Estimate } from "../view/bootstrap.ts";
import { type Condition, conditionsOf, type Proof, type ProvedModel } from "./conditions.ts";
import type { HeldOut } from "./held_out.ts";
import type { Trained } from "./trained.ts";
import { trainingLog } from "./train.ts";

/** A variant's proof; the first model is the untrained one, and `heldOut` goes with the models. */
export async function proofOf(
  variant: string,
  { models, failed, heldOut, weights }: {
    models: readonly Trained[];
    failed: readonly Trained[];
    heldOut: readonly HeldOut[];
    weights: Record<string, string | null>;
  },
  { seed, signal }: { seed: number; signal: AbortSignal },
): Promise<Proof> {
  const compared = async (kind: "sampled" | "greedy", place: HeldOut, against: HeldOut) => {
    const runs = { in: [place[kind]], against: against[kind], labels: EMBEDDED_PROMPTS, seed };
    return (await evaluate(EvaluateOptions.parse(runs), { signal })).runs[0]!;
  };
  const proved: ProvedModel[] = [], overRandom = new Map<string, Estimate>();
  for (const [i, model] of models.entries()) {
    const sampled = await compared("sampled", heldOut[i]!, heldOut[0]!);
    const greedy = await compared("greedy", heldOut[i]!, heldOut[0]!);
    proved.push({ ...model, weights: weights[model.name] ?? null, sampled, greedy });
    const random = models.findIndex((one) =>
      one.arm === "random" && one.seed === model.seed && one.round === model.round
    );
    if (model.arm !== "dpo" || random < 0) continue;
    const { figures } = await compared("sampled", heldOut[i]!, heldOut[random]!);
    overRandom.set(model.name, figures.right!.change!);
  }
  const collapsed = failed.map(({ name }): Condition => ({
    model: name,
    what: "rewards/chosen of validation stays above 0",
    found: "fell below 0",
    ok: false,
  }));
  const curves = [];
  for (const { name, folder } of [...models.slice(1), ...failed]) {
    curves.push({ model: name, history: (await trainingLog(folder))?.history ?? [] });
  }
  const conditions = [...collapsed, ...conditionsOf(proved, overRandom)];
  return { variant, models: proved, conditions, curves };
}
