/** A dataset that was built, as a frame. */
import type { DataFrame } from "../core/frame.ts";
import type { Message } from "../core/records.ts";
import { jsonOf } from "../io/prompts/kept_columns.ts";
import { readRows } from "../io/rows/read_rows.ts";
import { ALL_SPLITS } from "../io/inputs/splits.ts";
import { type Items, pairsFrame, turnsFrame } from "./frames.ts";
import type { PairRow } from "./messages.ts";

/** The columns that the builders make; all others were kept of the input's rows. */
const OWN_COLUMNS: ReadonlySet<string> = new Set([
  "id",
  "source",
  "messages",
  "text",
  "prompt",
  "completion",
  "chosen",
  "rejected",
  "score_chosen",
  "score_rejected",
  "chat_template_kwargs",
  "enable_thinking",
  "data_source",
  "ability",
  "reward_model",
  "extra_info",
]);

/**
 * The rows of a dataset's folder or file: of DPO data `pairsFrame`, of SFT data `turnsFrame`, of
 * prompts for RL the prompts. All splits, in their order.
 *
 * @throws {InputError} where there is no dataset.
 */
export async function datasetFrame(path: string): Promise<DataFrame> {
  const rows: Record<string, unknown>[] = [];
  for await (const { row } of readRows(path, { split: ALL_SPLITS })) {
    const fields = row as Record<string, unknown>;
    const kept = Object.entries(fields).filter(([name]) => !OWN_COLUMNS.has(name));
    rows.push({ ...fields, extra: jsonOf(Object.fromEntries(kept)) });
  }
  if ("chosen" in rows[0]!) return await pairsFrame(rows as unknown as PairRow[]);
  return await turnsFrame(rows as unknown as Items<{ messages: Message[] }>);
}
