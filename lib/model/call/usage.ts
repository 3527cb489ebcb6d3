/** Token counts as servers tell them, made fit for a bill and a record. */
import type { Usage } from "../../core/records.ts";

/** Counts as a server told them: anything at all. */
export interface ToldUsage {
  prompt?: unknown;
  completion?: unknown;
  reasoning?: unknown;
  cached?: unknown;
  /** Put into the provider's cache, where that is billed. */
  cacheWrite?: unknown;
}

/**
 * Usage that passes the records' schema whatever a server told: what is no count of tokens (below
 * zero, no number, beyond `most`) is `instead`'s, a part is never more than its whole, and fractions
 * are rounded up.
 *
 * @param most counts above this are no counts: a hundred million tokens are beyond every model
 */
export function usageOf(
  told: ToldUsage,
  instead: Partial<Pick<Usage, "prompt_tokens" | "completion_tokens">> = {},
  most = 1e8,
): Usage {
  const count = (value: unknown, otherwise: number): number =>
    typeof value === "number" && value >= 0 && value <= most ? Math.ceil(value) : otherwise;
  const prompt = count(told.prompt, instead.prompt_tokens ?? 0);
  const completion = count(told.completion, instead.completion_tokens ?? 0);
  const written = Math.min(prompt, count(told.cacheWrite, 0));
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    reasoning_tokens: Math.min(completion, count(told.reasoning, 0)),
    cached_tokens: Math.min(prompt, count(told.cached, 0)),
    ...(written > 0 ? { cache_write_tokens: written } : {}),
  };
}
