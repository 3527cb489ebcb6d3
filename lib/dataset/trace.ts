/** Where a prompt stands in a dataset: its rows by configuration and split, or why it was rejected. */
import { join } from "node:path";
import pl from "nodejs-polars";
import { InputError } from "../core/errors.ts";
import { Reject } from "../core/records.ts";
import { readLines } from "../io/lines.ts";
import { readManifest } from "../run/run_files.ts";

/** A row of a dataset that came of a prompt. */
export interface TracedRow {
  /** The Parquet file, relative to the dataset's folder. */
  file: string;
  /** 0-based place of the row in that file. */
  index: number;
  row: Record<string, unknown>;
}

/** What became of a prompt in a dataset. */
export interface DatasetTrace {
  stage: string;
  rows: TracedRow[];
  rejects: Reject[];
}

/**
 * Looks a prompt up by its id in every Parquet file that a dataset's manifest names, and in its
 * rejects. RL rows are found by `extra_info.id`; the public layout of `--compat rlmt` holds no ids.
 *
 * @throws {InputError} where the folder holds no dataset.
 */
export async function traceInDataset(folder: string, id: string): Promise<DatasetTrace> {
  const manifest = readManifest(join(folder, "manifest.json"));
  if (manifest === undefined) throw new InputError(`${folder}: no manifest.json: not a dataset`);
  const rows: TracedRow[] = [];
  for (const { path, rows: count } of manifest.outputs) {
    if (!path.endsWith(".parquet") || count === 0) continue;
    rows.push(...rowsOfId(folder, path, id));
  }
  const rejects: Reject[] = [];
  for await (const { text } of readLines(join(folder, "rejects.jsonl"))) {
    if (text === "" || !text.includes(JSON.stringify(id).slice(1, -1))) continue;
    const reject = Reject.parse(JSON.parse(text));
    if (reject.id === id) rejects.push(reject);
  }
  return { stage: manifest.stage, rows, rejects };
}

function rowsOfId(folder: string, file: string, id: string): TracedRow[] {
  const scan = pl.scanParquet(join(folder, file));
  const columns = scan.limit(0).collectSync().columns;
  const own = columns.includes("id")
    ? pl.col("id")
    : columns.includes("extra_info")
    ? pl.col("extra_info").struct.field("id")
    : undefined;
  if (own === undefined) return [];
  const ids = scan.select(own.alias("id")).collectSync().getColumn("id").toArray() as unknown[];
  const rows: TracedRow[] = [];
  for (const [index, value] of ids.entries()) {
    if (value !== id) continue;
    // Not toRecords(): it throws for structs outside of lists.
    const json = scan.slice(index, 1).collectSync().writeJSON({ format: "lines" });
    rows.push({ file, index, row: JSON.parse(json.toString()) });
  }
  return rows;
}
