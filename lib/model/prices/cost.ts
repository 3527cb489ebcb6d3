/** From tokens to US dollars. */
import type { Usage } from "../../core/records.ts";
import type { ModelPrice } from "./price_table.ts";

/**
 * What a reply cost, in US dollars. Prompt tokens that came from the provider's cache, or were
 * put there, have a price of their own where the table has one; reasoning tokens are part of the
 * completion's.
 *
 * @example
 * ```ts
 * import { costOf } from "thinkset/models";
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
  const written = Math.min(usage.cache_write_tokens ?? 0, usage.prompt_tokens - cached);
  const part = options.batch ? price.batch ?? 1 : 1;
  const cachedPart = options.batch ? price.batch_cached ?? part : 1;
  const full = (usage.prompt_tokens - cached - written) * rates.input +
    written * (rates.cache_write ?? rates.input) + usage.completion_tokens * rates.output;
  return (full * part + cached * (rates.cached_input ?? rates.input) * cachedPart) / 1e6;
}
