/** What estimated tokens cost, and how that is said. */
import type { Usage } from "../../core/records.ts";
import { costOf } from "../prices/cost.ts";
import { ageOfPrices, loadPrices } from "../prices/price_table.ts";
import { chatPrice } from "./open_paid.ts";

/** What an estimate says of costs. */
export interface EstimatedCosts {
  /** US dollars; null where no price is known, 0 for models that cost nothing. */
  cost: number | null;
  /** US dollars if every reply ran to its limit. */
  most: number | null;
  /** The day of the prices, their source and their age. */
  pricesOf: string;
}

/** What estimated tokens cost. */
export function costsOf(
  usage: Usage,
  most: number,
  { model, prices, batch }: { model: string; prices?: string; batch: boolean },
  now: number,
): EstimatedCosts {
  const price = chatPrice({ model, prices });
  return {
    // A price for long prompts goes by the prompt, not by the sum of them.
    cost: price ? costOf(usage, { ...price, long: undefined }, { batch }) : null,
    most: price ? most : null,
    pricesOf: ageOfPrices(loadPrices(prices), now),
  };
}

/** The same as a line for a person. */
export function costLine(
  { cost, most, pricesOf }: EstimatedCosts,
  each: "reply" | "verdict",
): string {
  if (cost === null) return "no price is known for this model: give one with --prices FILE";
  return `about $${cost.toFixed(2)}; at most $${
    most!.toFixed(2)
  } if every ${each} ran to its limit ` +
    `(${pricesOf})`;
}
