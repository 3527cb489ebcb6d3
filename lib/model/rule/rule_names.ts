/** The names of the rules, without the rules: help and errors load none of them. */

/** What NAME in `rule/NAME` may be. */
export const RULE_NAMES = [
  "exact",
  "number",
  "math",
  "choice",
  "regex",
  "json",
  "ifeval",
  "length",
] as const;

/** What stands behind `rule/`. */
export type RuleName = typeof RULE_NAMES[number];
