/** What the trained models came to, and whether that is what data of any worth would bring. */
import { evaluate, type EvaluatedRun } from "../evaluate/evaluate.ts";
import { EvaluateOptions } from "../evaluate/evaluate_options.ts";
import { EMBEDDED_PROMPTS } from "../model/embedded/paths.ts";
import type { Estimate } from "../view/bootstrap.ts";
import type { HeldOut, Trained } from "./held_out.ts";
import { trainingLog } from "./train.ts";

/** A model's line. */
export interface ProvedModel extends Trained {
  /** SHA-256 over its weights. */
  weights: string | null;
  /** Its sampled replies to the held-out prompts, with changes against zero. */
  sampled: EvaluatedRun;
  /** Its greedy ones. */
  greedy: EvaluatedRun;
}

/** A statement that holds or does not. */
export interface Condition {
  /** Of which model, by its name. */
  model: string;
  /** What data of any worth would bring. */
  what: string;
  /** What was found. */
  found: string;
  /** Whether it holds. */
  ok: boolean;
}

/** A variant's proof. */
export interface Proof {
  /** `think` or `nothink`. */
  variant: string;
  /** The untrained model first, `zero`. */
  models: ProvedModel[];
  /** What holds and what does not. */
  conditions: Condition[];
  /** What each training logged, step by step, under TRL's names. */
  curves: { model: string; history: Record<string, number>[] }[];
}

/** Measures every model against the untrained one, and the DPO models against random pairs. */
export async function conditionsOf(
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
  const zero = heldOut[0]!;
  const proved: ProvedModel[] = [];
  for (const [i, model] of models.entries()) {
    const place = heldOut[i]!;
    const sampled = await compared("sampled", place, zero);
    const greedy = await compared("greedy", place, zero);
    proved.push({ ...model, weights: weights[model.name] ?? null, sampled, greedy });
  }
  const conditions: Condition[] = failed.map(({ name }) => ({
    model: name,
    what: "rewards/chosen of validation stays above 0",
    found: "fell below 0",
    ok: false,
  }));
  const hold = (model: string, what: string, found: string, ok: boolean) =>
    conditions.push({ model, what, found, ok });
  for (const { name, arm, seed: training, round, sampled, greedy } of proved) {
    const place = heldOut[models.findIndex((model) => model.name === name)]!;
    const right = sampled.figures.right?.change!;
    const malformed = sampled.figures.malformed!.value;
    const beside = (other: string) =>
      proved.find((one) => one.arm === other && one.seed === training && one.round === round);
    if (arm === "dpo") {
      hold(name, "DPO raises the share right", points(right), right.low > 0);
      const random = beside("random");
      if (random) {
        const other = heldOut[models.findIndex((model) => model.name === random.name)]!;
        const over = (await compared("sampled", place, other)).figures.right?.change!;
        hold(name, "at least 4 points over random pairs", points(over), over.value >= 0.04);
      }
      const change = greedy.figures.right?.change!;
      hold(name, "greedy answers lose at most 3 points", points(change), change.value >= -0.03);
    }
    if (arm === "flipped") hold(name, "flipped pairs lower it", points(right), right.high < 0);
    if (arm === "best-of-8") {
      hold(
        name,
        "SFT on the best of 8 raises it by over 10 points",
        points(right),
        right.value > 0.1,
      );
      hold(name, "and fewer than 3% are malformed", percent(malformed), malformed < 0.03);
    }
    const plain = arm === "malformed" ? beside("dpo")?.sampled.figures.malformed?.value : undefined;
    if (plain !== undefined) {
      const found = `${percent(malformed)} of ${percent(plain)}`;
      hold(
        name,
        "rejecting malformed replies halves them against plain DPO",
        found,
        malformed <= plain / 2,
      );
    }
  }
  const curves = [];
  for (const { name, folder } of [...models.slice(1), ...failed]) {
    curves.push({ model: name, history: (await trainingLog(folder))?.history ?? [] });
  }
  return { variant, models: proved, conditions, curves };
}

/** `+6.5 [5.4, 7.7]`, in points. */
export function points({ value, low, high }: Estimate): string {
  const text = (share: number) => (100 * share).toFixed(1);
  return `${value < 0 ? "" : "+"}${text(value)} [${text(low)}, ${text(high)}]`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
