/** A dataset that was built, as a frame. */
import type { DataFrame } from "nodejs-polars";
import type { Message } from "../core/records.ts";
import { readRows } from "../io/read_rows.ts";
import { ALL_SPLITS } from "../io/splits.ts";
import { type Items, pairsFrame, turnsFrame } from "./frames.ts";
import type { PairRow } from "./messages.ts";

/**
 * The rows of a dataset's folder or file: of DPO data `pairsFrame`, of SFT data `turnsFrame`, of
 * prompts for RL the prompts. All splits, in their order.
 *
 * @throws {InputError} where there is no dataset.
 */
export async function datasetFrame(path: string): Promise<DataFrame> {
  const rows: Record<string, unknown>[] = [];
  for await (const { row } of readRows(path, { split: ALL_SPLITS })) {
    rows.push(row as Record<string, unknown>);
  }
  if ("chosen" in rows[0]!) return await pairsFrame(rows as unknown as PairRow[]);
  return await turnsFrame(rows as unknown as Items<{ messages: Message[] }>);
}
