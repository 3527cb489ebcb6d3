/** Several rewards as one: a weighted mean, and gates that a reply must pass. Pure. */
import { didYouMean } from "../core/did_you_mean.ts";
import { InputError } from "../core/errors.ts";

/** How each reply's own score is made of several. */
export interface Combination {
  /** What records call it: `mean(embedded, 2 number) where ifeval >= 1 else -10`. */
  readonly name: string;
  /** Of one reply's scores by name; null where one that it needs is. */
  score(scores: Readonly<Record<string, number | null>>): number | null;
}

/** The options of a combination, as a command line has them. */
export interface CombinationOptions {
  /** `NAME=X`. */
  weight: readonly string[];
  /** `NAME>=X`, or `NAME` for 1. */
  gate: readonly string[];
  gatedScore?: number;
}

/**
 * The combination of the reward models called `names`. Without weights it is the first one that is
 * no gate; with them, their weighted mean: Σ wᵢ·sᵢ / Σ wᵢ. A reply that does not pass every gate
 * gets `gatedScore`.
 *
 * @throws {InputError} for a name that no reward model has, a weight that is no positive number, and
 * gates without a score for what they hold back.
 */
export function combinationOf(
  names: readonly string[],
  { weight, gate, gatedScore }: CombinationOptions,
): Combination {
  const weights = weight.map((word) => {
    const { name, value } = partsOf("--weight", word, "=", names);
    if (!(value! > 0)) throw new InputError(`--weight ${word}: give NAME=X, X above 0`);
    return { name, weight: value! };
  });
  const gates = gate.map((word) => {
    const { name, value = 1 } = partsOf("--gate", word, ">=", names);
    return { name, least: value };
  });
  if (gates.length > 0 && gatedScore === undefined) {
    throw new InputError(
      "--gated-score X is needed with --gate: what replies get that do not pass",
    );
  }
  if (gates.length === 0 && gatedScore !== undefined) {
    throw new InputError("--gated-score: there is no --gate");
  }
  const first = names.find((name) => !gates.some((gate) => gate.name === name)) ?? names[0]!;
  const meant = weights.length > 0 ? weights : [{ name: first, weight: 1 }];
  const total = meant.reduce((sum, { weight }) => sum + weight, 0);
  const words = meant.map(({ name, weight }) => weight === 1 ? name : `${weight} ${name}`);
  const mean = meant.length === 1 ? meant[0]!.name : `mean(${words.join(", ")})`;
  const where = gates.map(({ name, least }) => `${name} >= ${least}`).join(" and ");
  return {
    name: where === "" ? mean : `${mean} where ${where} else ${gatedScore}`,
    score(scores) {
      const least = gates.map(({ name }) => scores[name] ?? null);
      if (least.includes(null)) return null;
      if (gates.some(({ least: needed }, at) => least[at]! < needed)) return gatedScore!;
      let sum = 0;
      for (const { name, weight } of meant) {
        const score = scores[name] ?? null;
        if (score === null) return null;
        sum += weight * score;
      }
      return meant.length === 1 ? scores[meant[0]!.name]! : sum / total;
    },
  };
}

function partsOf(flag: string, word: string, sign: string, names: readonly string[]) {
  const at = word.lastIndexOf(sign);
  const name = (at < 0 ? word : word.slice(0, at)).trim();
  if (!names.includes(name)) {
    throw new InputError(
      `${flag} ${word}: the reward models are called ${names.join(", ")}${didYouMean(name, names)}`,
    );
  }
  if (at < 0) return { name };
  const text = word.slice(at + sign.length).trim(), value = text === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InputError(`${flag} ${word}: ${text} is no number`);
  return { name, value };
}
