/** How much a Gemini model may think by itself: each generation is told in its own way. */
import type { Thinking } from "../chat_model.ts";

/** The least thinking that a model takes, in tokens; null where it does not think. */
function leastBudget(model: string): number | null {
  if (/^gemini-2\.5-pro/.test(model)) return 128;
  if (/^gemini-2\.5-flash/.test(model)) return 0;
  return null;
}

/** Gemini 3 and later, which `gemini-flash-latest` and its like have come to mean. */
function takesLevel(model: string): boolean {
  const number = /^gemini-(\d+)/.exec(model)?.[1];
  return number === undefined ? /^gemini-.*latest$/.test(model) : Number(number) >= 3;
}

/** Thinking tokens that native thinking gets where the user gave no budget. */
const DEFAULT_BUDGET = 8192;

/**
 * `generationConfig.thinkingConfig`, and the tokens to add to the reply's limit for it. Unless the
 * thinking is to be native, models think as little as they can: simulated thinking is written into
 * the reply, and what a model thinks besides would eat the reply's budget.
 */
export function thinkingConfig(
  model: string,
  thinking: Thinking,
  budget: number | undefined,
): { config: Record<string, unknown> | undefined; tokens: number } {
  const native = thinking === "native";
  const shown = native ? { includeThoughts: true } : {};
  if (takesLevel(model)) {
    // From generation 3 on a model is told a level, and cannot be kept from thinking; a budget, as
    // older ones take it, is still taken, but not beside a level.
    const amount = budget === undefined
      ? { thinkingLevel: native ? "high" : "low" }
      : { thinkingBudget: budget };
    return { config: { ...amount, ...shown }, tokens: budget ?? (native ? DEFAULT_BUDGET : 1024) };
  }
  const least = leastBudget(model);
  if (native) {
    const tokens = Math.max(budget ?? DEFAULT_BUDGET, least ?? 0);
    return { config: { thinkingBudget: tokens, ...shown }, tokens };
  }
  if (least === null && budget === undefined) return { config: undefined, tokens: 0 };
  const tokens = Math.max(budget ?? 0, least ?? 0);
  return { config: { thinkingBudget: tokens }, tokens };
}
