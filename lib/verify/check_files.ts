/** Do the files that a manifest names hold what it says? */
import { join } from "node:path";
import { isFile } from "../core/file_kind.ts";
import type { FileEntry, Manifest } from "../core/manifest.ts";
import { hashFile } from "../io/disk/hash_file.ts";
import { readRows } from "../io/rows/read_rows.ts";
import type { Check } from "./finding.ts";

/** Files whose rows are counted again. */
const OF_ROWS = /\.(jsonl|parquet|arrow)$/;

/** Checks every output's hash and rows, and the hash of every input that is still there. */
export async function* checkFiles(
  folder: string,
  manifest: Manifest,
): AsyncGenerator<Check> {
  for (const output of manifest.outputs) {
    const path = join(folder, output.path);
    if (!isFile(path)) {
      yield { ok: false, what: `${output.path}: missing` };
      continue;
    }
    if (await hashFile(path) !== output.sha256) {
      yield { ok: false, what: `${output.path}: changed since the manifest was written (SHA-256)` };
      continue;
    }
    if (output.rows === 0 && !OF_ROWS.test(path)) {
      yield { ok: true, what: `${output.path}: unchanged` };
      continue;
    }
    const rows = await rowsOf(path, output);
    yield rows === output.rows
      ? { ok: true, what: `${output.path}: ${rows} rows` }
      : { ok: false, what: `${output.path}: ${rows} rows, the manifest says ${output.rows}` };
  }
  for (const input of manifest.inputs) {
    if (!isFile(input.path)) continue;
    const ok = await hashFile(input.path) === input.sha256;
    yield { ok, what: `input ${input.path}: ${ok ? "unchanged" : "changed since the run"}` };
  }
}

async function rowsOf(path: string, output: FileEntry): Promise<number> {
  if (!OF_ROWS.test(path) || output.rows === 0) return output.rows;
  let rows = 0;
  for await (const _ of readRows(path)) rows++;
  return rows;
}
