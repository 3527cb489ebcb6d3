/** What a set of pairs is looked at for before it is built, and how much of it may be there. */
import { z } from "zod";
import { didYouMean } from "../../core/did_you_mean.ts";
import { InputError } from "../../core/errors.ts";

/** What is measured, by name; all are shares but `length`. */
export const GATES = {
  length: "Cohen's d of the chosen side's length over the rejected side's",
  form: "pairs whose sides differ in white space, markdown and case alone",
  near: "pairs whose sides share four fifths of their three-word runs",
  source: "pairs of the one most frequent source",
  pattern: "chosen answers that begin, or end, with the same four words",
  copied: "pairs with an answer that copies 13 words of its prompt",
  duplicates: "prompts of validation that stand, or nearly stand, in train",
} as const;
/** One of them. */
export type GateName = keyof typeof GATES;

const NAMES = Object.keys(GATES) as GateName[];

/** To be spread into the options of a builder of pairs. */
export const gateOption = {
  gate: z.array(z.string()).default([]).meta({ metavar: "NAME=X" }).describe(
    "end with status 1, and no dataset, where there is more of NAME than X: " +
      NAMES.map((name) => `${name} (${GATES[name]})`).join(", "),
  ),
} as const;

/** The most that each may be, of those that were given. Throws `InputError`. */
export function limitsOf(words: readonly string[]): Partial<Record<GateName, number>> {
  const limits: Partial<Record<GateName, number>> = {};
  for (const word of words) {
    const [given = "", text = ""] = word.split("=");
    const name = NAMES.find((each) => each === given);
    if (name === undefined) {
      const names = NAMES.join(", ");
      throw new InputError(`--gate ${word}: the names are ${names}${didYouMean(given, NAMES)}`);
    }
    const limit = text.trim() === "" ? NaN : Number(text);
    const most = name === "length" ? Infinity : 1;
    if (!(limit >= 0 && limit <= most) || limit === Infinity) {
      const range = name === "length" ? "at least 0" : "from 0 to 1";
      throw new InputError(`--gate ${word}: give ${name}=X, X a number ${range}`);
    }
    limits[name] = limit;
  }
  return limits;
}
