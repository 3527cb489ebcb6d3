/** What a run has paid so far, read beside it: its journal is neither locked nor mended. */
import { readBillEntry } from "./bill.ts";
import { costOf } from "./cost.ts";
import type { ModelPrice } from "./price_table.ts";

/** What a journal says. */
export interface BillSoFar {
  replies: number;
  /** Prompts that at least one reply was paid for. */
  ids: Set<string>;
  /** US dollars; 0 where no price is known. */
  spent: number;
}

/** Reads a journal; all zero where there is none. A line that a run is just writing is left out. */
export async function readBill(file: string, price: ModelPrice | undefined): Promise<BillSoFar> {
  const soFar: BillSoFar = { replies: 0, ids: new Set(), spent: 0 };
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
    soFar.replies += entry.replies ?? 1;
    soFar.ids.add(entry.id);
    if (price) soFar.spent += costOf(entry.usage, price, { batch: entry.batch });
  }
  return soFar;
}
