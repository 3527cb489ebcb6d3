/**
 * What tokens cost: a table in a data file, dated, that the user can extend. The built-in one is
 * made by `scripts/prices/make_prices.py`.
 */
import { z } from "zod";
import { InputError, messageOf } from "../../core/errors.ts";
import { firstFault } from "../../core/rule_words.ts";
import builtIn from "./prices.json" with { type: "json" };

const rate = z.number().nonnegative();
const Rates = z.object({
  input: rate.describe("prompt tokens"),
  cached_input: rate.optional().describe("prompt tokens that the provider had in its cache"),
  cache_write: rate.optional().describe("prompt tokens that it put into its cache"),
  output: rate.describe("completion tokens, thinking among them"),
});
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day, YYYY-MM-DD");

/** US dollars for a million tokens of a model. */
export const ModelPrice = Rates.extend({
  batch: z.number().positive().max(1).optional().describe(
    "what a batch job's tokens cost, as a part of the price; absent where there is no such price",
  ),
  batch_cached: z.number().nonnegative().optional().describe(
    "the same for a batch's cached tokens, as a part of cached_input, where it is another",
  ),
  long: Rates.extend({ over: z.number().int().positive() }).optional().describe(
    "other prices for requests whose prompt has more than over tokens",
  ),
  shut_down: day.optional().describe(
    "the day on which the provider will take the model away, or has",
  ),
}).strict();
/** @internal */
export type ModelPrice = z.infer<typeof ModelPrice>;

/** The form of `prices.json` and of `--prices FILE`. */
export const PriceTable = z.object({
  as_of: day.describe("the day of the prices, YYYY-MM-DD"),
  source: z.string().optional().describe("where they are from"),
  currency: z.literal("USD").default("USD").describe("US dollars"),
  per_tokens: z.literal(1_000_000).default(1_000_000).describe("tokens that a price is for"),
  models: z.record(z.string(), ModelPrice).describe("prices by model"),
});
/** @internal */
export type PriceTable = z.infer<typeof PriceTable>;

/**
 * The prices that come with thinkset, with those of a file over them.
 *
 * Throws `InputError` naming the file, the field and the rule.
 */
export function loadPrices(file?: string): PriceTable {
  const own = PriceTable.parse(builtIn);
  if (file === undefined) return own;
  let json: unknown;
  try {
    json = JSON.parse(Deno.readTextFileSync(file));
  } catch (error) {
    throw new InputError(`${file}: cannot read prices: ${messageOf(error)}`);
  }
  const read = PriceTable.safeParse(json);
  if (!read.success) {
    const { field, rule } = firstFault(read.error);
    throw new InputError(`${file}: ${field || "prices"}: ${rule}`);
  }
  return { source: file, ...read.data, models: { ...own.models, ...read.data.models } };
}

/**
 * A model's price by its own name, else by its name without the date of a snapshot (`-2025-04-14`,
 * `-001`) or `-latest`; undefined where none is known: nothing is guessed from similar names.
 *
 * @example
 * ```ts
 * import { loadPrices, priceOf } from "thinkset/models";
 * import assert from "node:assert/strict";
 *
 * const table = loadPrices();
 * assert.equal(priceOf(table, "gpt-4.1-mini-2099-01-01"), table.models["gpt-4.1-mini"]);
 * assert.equal(priceOf(table, "gpt-4.1-huge"), undefined);
 * ```
 */
export function priceOf(table: PriceTable, model: string): ModelPrice | undefined {
  const own = model.replace(/^models\//, "");
  const names = [own, own.replace(/-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{3}|latest)$/, "")];
  const name = names.find((name) => Object.hasOwn(table.models, name));
  return name === undefined ? undefined : table.models[name];
}

/**
 * How old a table is, for a person: `prices of 2026-11-20 (litellm 1.110.2 (PyPI), 8 days old)`.
 *
 * @param now milliseconds since the epoch
 */
export function ageOfPrices({ as_of, source }: PriceTable, now: number): string {
  const days = Math.max(0, Math.floor((now - Date.parse(as_of)) / 86_400_000));
  const age = `${days} ${days === 1 ? "day" : "days"} old`;
  return `prices of ${as_of} (${source === undefined ? age : `${source}, ${age}`})`;
}
