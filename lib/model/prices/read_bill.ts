/** What a run has paid so far, read beside it: its journal is neither locked nor mended. */
import { readBillEntry } from "./bill.ts";
import { costOf } from "./cost.ts";
import type { ModelPrice } from "./price_table.ts";

/** What the replies to one request's id came to, those asked for again among them. */
export interface PaidTokens {
  prompt: number;
  completion: number;
}

/** What a journal says. */
export interface BillSoFar {
  paid: Map<string, PaidTokens>;
  /** US dollars; 0 where no price is known. */
  spent: number;
}

/** Reads a journal; all zero where there is none. A line that a run is just writing is left out. */
export async function readBill(file: string, price: ModelPrice | undefined): Promise<BillSoFar> {
  const soFar: BillSoFar = { paid: new Map(), spent: 0 };
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return soFar;
    throw error;
  }
  for (const line of text.split("\n").slice(0, -1)) {
    const entry = readBillEntry(line);
    if (entry === undefined) continue;
    const { id, usage, batch } = entry, before = soFar.paid.get(id);
    soFar.paid.set(id, {
      prompt: (before?.prompt ?? 0) + usage.prompt_tokens,
      completion: (before?.completion ?? 0) + usage.completion_tokens,
    });
    if (price) soFar.spent += costOf(usage, price, { batch });
  }
  return soFar;
}
