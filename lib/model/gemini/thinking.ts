/** How much a Gemini model may think by itself: each generation is told in its own way. */
import type { Thinking } from "../chat_model.ts";

/** The least thinking that a model takes, in tokens; null where it does not think. */
function leastBudget(model: string): number | null {
  if (/^gemini-2\.5-pro/.test(model)) return 128;
  if (/^gemini-2\.5-flash/.test(model)) return 0;
  return null;
}

/** Thinking tokens that native thinking gets where the user gave no budget. */
export const DEFAULT_BUDGET = 8192;

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
  if (/^gemini-[3-9]/.test(model)) {
    // Generation 3 takes a level instead of a budget, and cannot be kept from thinking.
    const native = thinking === "native";
    const level = { thinkingLevel: native ? "high" : "low" };
    const tokens = budget ?? (native ? DEFAULT_BUDGET : 1024);
    return { config: native ? { ...level, includeThoughts: true } : level, tokens };
  }
  const least = leastBudget(model);
  if (thinking === "native") {
    const tokens = Math.max(budget ?? DEFAULT_BUDGET, least ?? 0);
    return { config: { thinkingBudget: tokens, includeThoughts: true }, tokens };
  }
  if (least === null && budget === undefined) return { config: undefined, tokens: 0 };
  const tokens = Math.max(budget ?? 0, least ?? 0);
  return { config: { thinkingBudget: tokens }, tokens };
}
