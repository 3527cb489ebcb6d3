/** What the trained models came to, and whether that is what data of any worth would bring. */
import type { EvaluatedRun } from "../evaluate/evaluate.ts";
import type { Estimate } from "../view/bootstrap.ts";
import { percent } from "../core/percent.ts";
import type { Trained } from "./trained.ts";

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

/**
 * What data of any worth would bring, held against what was found. `overRandom` is the change of the
 * share right against random pairs, by the DPO model's name.
 */
export function conditionsOf(
  models: readonly ProvedModel[],
  overRandom: ReadonlyMap<string, Estimate>,
): Condition[] {
  const conditions: Condition[] = [];
  for (const { name: model, arm, seed, round, sampled, greedy } of models) {
    const hold = (what: string, found: string, ok: boolean) =>
      conditions.push({ model, what, found, ok });
    const right = sampled.figures.right?.change!;
    const malformed = sampled.figures.malformed!.value;
    if (arm === "dpo") {
      hold("DPO raises the share right", points(right), right.low > 0);
      const over = overRandom.get(model);
      if (over) hold("at least 4 points over random pairs", points(over), over.value >= 0.04);
      const change = greedy.figures.right?.change!;
      hold("greedy answers lose at most 3 points", points(change), change.value >= -0.03);
    }
    if (arm === "flipped") hold("flipped pairs lower it", points(right), right.high < 0);
    if (arm === "best-of-8") {
      const what = "SFT on the best of 8 raises it by over 10 points";
      hold(what, points(right), right.value > 0.1);
      hold("and fewer than 3% are malformed", percent(malformed), malformed < 0.03);
    }
    const dpo = models.find((one) => one.arm === "dpo" && one.seed === seed && one.round === round);
    if (arm === "malformed" && dpo) {
      const plain = dpo.sampled.figures.malformed!.value;
      const found = `${percent(malformed)} of ${percent(plain)}`;
      const what = "rejecting malformed replies halves them against plain DPO";
      hold(what, found, malformed <= plain / 2);
    }
  }
  return conditions;
}

/** `+6.5 [5.4, 7.7]`, in points. */
function points({ value, low, high }: Estimate): string {
  const text = (share: number) => (100 * share).toFixed(1);
  return `${value < 0 ? "" : "+"}${text(value)} [${text(low)}, ${text(high)}]`;
}
