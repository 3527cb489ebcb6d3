/**
 * What tokens cost: a table in a data file, dated, that the user can extend. The built-in one is
 * made by `scripts/prices/make_prices.py`.
 */
import { z } from "zod";
import { InputError, messageOf } from "../../core/errors.ts";
import builtIn from "./prices.json" with { type: "json" };

const rate = z.number().nonnegative();
const Rates = z.object({
  input: rate,
  /** Prompt tokens that the provider had in its cache. */
  cached_input: rate.optional(),
  /** Prompt tokens that it put into its cache. */
  cache_write: rate.optional(),
  output: rate,
});
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "must be a day, YYYY-MM-DD");

/** US dollars for a million tokens of a model. */
export const ModelPrice = Rates.extend({
  /** What a batch job's tokens cost, as a part of the price; absent where there is no such price. */
  batch: z.number().positive().max(1).optional(),
  /** The same for a batch's cached tokens, as a part of `cached_input`, where it is another. */
  batch_cached: z.number().nonnegative().optional(),
  /** Other prices for requests whose prompt has more than `over` tokens. */
  long: Rates.extend({ over: z.number().int().positive() }).optional(),
  /** The day on which the provider will take the model away, or has. */
  shut_down: day.optional(),
}).strict();
export type ModelPrice = z.infer<typeof ModelPrice>;

/** The form of `prices.json` and of `--prices FILE`. */
export const PriceTable = z.object({
  /** The day of the prices, YYYY-MM-DD. */
  as_of: day,
  /** Where they are from. */
  source: z.string().optional(),
  currency: z.literal("USD").default("USD"),
  per_tokens: z.literal(1_000_000).default(1_000_000),
  models: z.record(z.string(), ModelPrice),
});
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
    const { path, message } = read.error.issues[0]!;
    throw new InputError(`${file}: ${path.join(".") || "prices"}: ${message}`);
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
