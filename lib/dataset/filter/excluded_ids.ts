/** The ids that a file names, to be left out. */
import { InputError } from "../../core/errors.ts";
import { readLines } from "../../io/rows/lines.ts";
import { readRows } from "../../io/rows/read_rows.ts";

/**
 * The ids of a file: the `id` of each row of JSON, JSON Lines, CSV, TSV or Parquet (records and
 * rejects too), of any other file each line.
 *
 * @throws {InputError} where the file cannot be read, or a row has no id.
 */
export async function readIds(path: string, signal?: AbortSignal): Promise<Set<string>> {
  const ids = new Set<string>();
  if (!ROWS.test(path)) {
    for await (const { text } of readLines(path, { signal })) {
      if (text.trim() !== "") ids.add(text.trim());
    }
    return ids;
  }
  for await (const { row, where } of readRows(path, { signal })) {
    const id = typeof row === "object" && row !== null && "id" in row ? row.id : row;
    if (typeof id !== "string" && typeof id !== "number") {
      throw new InputError(`${where}: no id in this row (--exclude-ids)`);
    }
    ids.add(String(id));
  }
  return ids;
}

const ROWS = /\.(jsonl?|ndjson|csv|tsv)(\.gz)?$|\.parquet$/i;
