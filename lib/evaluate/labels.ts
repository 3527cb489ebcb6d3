/** Right answers, and the names of the rules by which an answer is held against them. */
import { InputError } from "../core/errors.ts";
import type { ScoredRecord } from "../core/records.ts";
import { objectOf, promptOfRow } from "../io/prompts/read_prompts.ts";
import { readRows } from "../io/rows/read_rows.ts";

/** The label of a record: from the file of labels, else from its kept column; undefined for none. */
export function labelOf(
  { id, extra }: Pick<ScoredRecord, "id" | "extra">,
  labels: Labels | undefined,
  key: string,
): unknown {
  return (labels === undefined ? extra?.[key] : labels.get(id)) ?? undefined;
}

/** Labels by prompt id: an answer, several that are right, or what else a rule compares with. */
export type Labels = Map<string, unknown>;

/** The rules that read any text at once, by name. The others belong to `score-responses`. */
export const QUICK_RULES = ["exact", "number", "choice"] as const satisfies readonly QuickRule[];
/** One of the rules by which an answer is held against its label. */
export type QuickRule = "exact" | "number" | "choice";

/**
 * Reads labels from rows that hold them in the column `key`, by the rows' `id`, else by the id of
 * the prompt that they hold.
 *
 * @throws {InputError} for a row without the column or an id, and for two labels of one id.
 */
export async function readLabels(path: string, key: string): Promise<Labels> {
  const labels: Labels = new Map();
  for await (const located of readRows(path)) {
    const row = objectOf(located), label = row[key] ?? undefined;
    if (label === undefined) {
      const columns = Object.keys(row).join(", ");
      throw new InputError(
        `${located.where}: ${key}: is not there (--label-key): the columns are ${columns}`,
      );
    }
    const id = typeof row.id === "string" ? row.id : promptOfRow(located).id;
    const other = labels.get(id);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(label)) {
      throw new InputError(`${located.where}: ${id} has another label in an earlier row`);
    }
    labels.set(id, label);
  }
  return labels;
}
