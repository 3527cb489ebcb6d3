/** `rule/regex`: whether an answer matches a pattern. */
import { RE2JS } from "re2js";
import { type Rule, unread, verdict } from "./verdict.ts";

const compiled = new Map<string, RE2JS | undefined>();
/** Patterns kept: a label's pattern is mostly another one on each row. */
const KEPT = 256;

/**
 * The rule of a pattern found anywhere in an answer (anchor it by ^ and $ for the whole). The label
 * is the pattern, in RE2's syntax, so that its time is bounded by the text's length whatever it is:
 * no lookaround and no references back. Of a list any may match.
 *
 * @example
 * ```ts
 * import { regexRule } from "./regex.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(regexRule("ISBN 3-16-148410-0", "\\d-\\d{2}-\\d{6}-[\\dX]").score, 1);
 * ```
 */
export const regexRule: Rule = (answer, label) => {
  const patterns = Array.isArray(label) ? label : [label];
  let readable = false;
  for (const pattern of patterns) {
    const re = typeof pattern === "string" ? patternOf(pattern) : undefined;
    if (!re) continue;
    readable = true;
    if (re.matcher(answer).find()) return verdict(true);
  }
  return readable ? verdict(false) : unread("the label is no pattern in RE2's syntax");
};

function patternOf(source: string): RE2JS | undefined {
  if (compiled.has(source)) return compiled.get(source);
  let re: RE2JS | undefined;
  try {
    re = RE2JS.compile(source);
  } catch { /* told as unread */ }
  if (compiled.size >= KEPT) compiled.clear();
  compiled.set(source, re);
  return re;
}
