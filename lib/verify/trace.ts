/** What became of one prompt in a run or a dataset. */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import { readRows } from "../io/rows/read_rows.ts";
import { readManifest } from "../io/records/manifest_file.ts";

/** Yields a line for every row of the folder's outputs that has the id; one line where none has. */
export async function* traceIn(folder: string, id: string): AsyncGenerator<string> {
  const manifest = readManifest(join(folder, "manifest.json"));
  if (!manifest) throw new InputError(`${folder}: no manifest.json in it`);
  let found = false;
  for (const { path, rows } of manifest.outputs) {
    if (rows === 0 || !/\.(jsonl|parquet|arrow)$/.test(path)) continue;
    for await (const { row, where } of readRows(join(folder, path))) {
      const fields = row as Record<string, unknown>;
      if (fields.id !== id) continue;
      found = true;
      yield `${manifest.stage}: ${where}: ${described(fields)}`;
    }
  }
  if (!found) yield `${manifest.stage}: not there`;
}

function described(row: Record<string, unknown>): string {
  if (typeof row.reason === "string") return `rejected: ${row.reason}: ${short(row.detail)}`;
  if (Array.isArray(row.responses)) {
    const replies = row.responses as { score?: number | null; malformed: string | null }[];
    const notes = replies.map(({ score, malformed }) =>
      malformed ?? (typeof score === "number" ? score.toFixed(3) : "well-formed")
    );
    return `kept: ${replies.length} replies: ${notes.join(", ")}`;
  }
  if (typeof row.score_chosen === "number") {
    return `a pair: chosen ${row.score_chosen}, rejected ${row.score_rejected}`;
  }
  return "kept";
}

function short(detail: unknown): string {
  const text = String(detail).replace(/\s+/g, " ");
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
