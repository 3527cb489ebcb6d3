/** From tokens to US dollars. */
import type { Usage } from "../../core/records.ts";
import type { ModelPrice } from "./price_table.ts";

/**
 * What a reply cost, in US dollars. Cached prompt tokens have a price of their own where the table
 * has one; reasoning tokens are part of the completion's.
 *
 * @example
 * ```ts
 * import { costOf } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * const price = { input: 2, cached_input: 0.5, output: 8, batch: 0.5 };
 * const usage = { prompt_tokens: 3e6, cached_tokens: 1e6, completion_tokens: 1e6, reasoning_tokens: 0 };
 * assert.equal(costOf(usage, price), 12.5);
 * assert.equal(costOf(usage, price, { batch: true }), 6.25);
 * ```
 */
export function costOf(usage: Usage, price: ModelPrice, options: { batch?: boolean } = {}): number {
  const rates = price.long && usage.prompt_tokens > price.long.over ? price.long : price;
  const cached = Math.min(usage.cached_tokens ?? 0, usage.prompt_tokens);
  const full = (usage.prompt_tokens - cached) * rates.input +
    cached * (rates.cached_input ?? rates.input) + usage.completion_tokens * rates.output;
  return full * (options.batch ? price.batch ?? 1 : 1) / 1e6;
}
