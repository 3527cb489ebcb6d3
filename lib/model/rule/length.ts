/** `rule/length`: whether an answer is as long as it should be. */
import { type Rule, unread, verdict } from "./verdict.ts";

/**
 * The rule of length. The label is the most characters, or `{min, max, unit}` with `unit`
 * "characters" (default; as a reader counts them), "words" or "lines".
 *
 * @example
 * ```ts
 * import { lengthRule } from "./length.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(lengthRule("Two words", { max: 2, unit: "words" }).score, 1);
 * ```
 */
export const lengthRule: Rule = (answer, label) => {
  const bounds = typeof label === "object" && label !== null
    ? label as Record<string, unknown>
    : { max: label };
  const min = boundOf(bounds.min), max = boundOf(bounds.max);
  if (min === undefined && max === undefined) return unread("the label holds no length");
  const length = lengthOf(answer.trim(), bounds.unit ?? "characters");
  if (length === undefined) return unread(`no such unit of length (words, characters, lines)`);
  return verdict(length >= (min ?? 0) && length <= (max ?? Infinity));
};

function boundOf(bound: unknown): number | undefined {
  const value = typeof bound === "string" && bound.trim() !== "" ? Number(bound) : bound;
  return typeof value === "number" && value >= 0
    ? value
    : typeof value === "bigint"
    ? Number(value)
    : undefined;
}

function lengthOf(text: string, unit: unknown): number | undefined {
  if (unit === "lines") return text === "" ? 0 : text.split("\n").length;
  if (unit !== "words" && unit !== "characters") return undefined;
  const granularity = unit === "words" ? "word" : "grapheme";
  let count = 0;
  for (const { isWordLike } of new Intl.Segmenter("en", { granularity }).segment(text)) {
    if (unit === "characters" || isWordLike) count++;
  }
  return count;
}
