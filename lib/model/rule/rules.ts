/** The rules by name: what `rule/NAME` may be. */
import { eld } from "eld/extrasmall";
import { choiceRule } from "./choice.ts";
import { exactRule } from "./exact.ts";
import { ifevalRule } from "./ifeval/ifeval.ts";
import { jsonRule } from "./json.ts";
import { lengthRule } from "./length.ts";
import { mathRule } from "./math/math.ts";
import { numberRule } from "./number.ts";
import { regexRule } from "./regex.ts";
import type { Rule } from "./verdict.ts";

/** Every rule. Their verdicts are 0 or 1; what cannot be read is 0 and says why. */
export const RULES = {
  exact: exactRule,
  number: numberRule,
  math: mathRule,
  choice: choiceRule,
  regex: regexRule,
  json: jsonRule,
  ifeval: ifevalRule({ languageOf: (text) => eld.detect(text).language || undefined }),
  length: lengthRule,
} as const satisfies Record<string, Rule>;

/** The name of a rule. */
export type RuleName = keyof typeof RULES;
