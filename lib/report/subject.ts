/** What an input of the report is: which stage's run, or which kind of dataset. */
import { basename, dirname, join } from "node:path";
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../core/manifest.ts";
import { readRows } from "../io/read_rows.ts";
import { readManifest } from "../run/run_files.ts";

/** The kinds of input that a report can tell of. */
export type SubjectKind = "teacher" | "policy" | "scored" | "sft" | "dpo" | "prompts";

/** A run, a dataset, or a file of records. */
export interface Subject {
  path: string;
  /** Short, and different from the other subjects' names. */
  name: string;
  kind: SubjectKind;
  manifest: Manifest | undefined;
}

/** The stages that leave records or rows, in the order in which they are run. */
const STAGES: Record<string, SubjectKind> = {
  "sample-teacher": "teacher",
  "build-sft": "sft",
  "sample-policy": "policy",
  "score-responses": "scored",
  "build-dpo": "dpo",
  "build-rl": "prompts",
};

/**
 * Tells what each path is: by its manifest, else by the fields of its first row. A build with
 * several datasets (`--twins`, several tokenizers) is as many subjects, and a folder of runs, such
 * as the demo's, is all of them.
 *
 * @throws {InputError} where a path holds nothing that a report could tell of.
 */
export async function subjectsOf(paths: readonly string[]): Promise<Subject[]> {
  const found: Omit<Subject, "name">[] = [];
  for (const path of (await Promise.all(paths.map(runsUnder))).flat()) {
    const manifest = await isFolder(path) ? readManifest(join(path, "manifest.json")) : undefined;
    const leaves = manifest?.stage === "build-sft" ? foldersOf(manifest) : [];
    const folders = leaves.length === 0 ? [path] : leaves.map((folder) => join(path, folder));
    for (const folder of folders) {
      const kind = manifest === undefined ? await kindOfRows(folder) : STAGES[manifest.stage];
      if (kind === undefined) {
        throw new InputError(`${folder}: made by ${manifest?.stage}: nothing to report`);
      }
      found.push({ path: folder, kind, manifest });
    }
  }
  const names = namesOf(found.map(({ path }) => path));
  return found.map((subject, index) => ({ ...subject, name: names[index]! }));
}

/** The path itself; of a folder that only holds runs and datasets, those, at most four deep. */
async function runsUnder(path: string): Promise<string[]> {
  const made = await isFolder(path) ? manifestFolders(path, 4) : [];
  if (made.length === 0 || made[0] === path) return [path];
  // Prompted models have a manifest too, and no records to report of.
  const order = Object.keys(STAGES);
  const runs = made.map((folder) => (
    { folder, stage: readManifest(join(folder, "manifest.json"))?.stage ?? "" }
  )).filter(({ stage }) => order.includes(stage));
  if (runs.length === 0) throw new InputError(`${path}: no run or dataset in this folder`);
  return runs.sort((a, b) => order.indexOf(a.stage) - order.indexOf(b.stage))
    .map(({ folder }) => folder);
}

function manifestFolders(folder: string, depth: number): string[] {
  const entries = [...Deno.readDirSync(folder)];
  if (entries.some(({ name }) => name === "manifest.json")) return [folder];
  if (depth === 0) return [];
  const inside = entries.filter(({ isDirectory, name }) => isDirectory && !name.startsWith("."));
  return inside.map(({ name }) => name).sort()
    .flatMap((name) => manifestFolders(join(folder, name), depth - 1));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/** The folders of a build with several datasets; none where OUT is the dataset. */
function foldersOf({ extra }: Manifest): string[] {
  const datasets = extra?.datasets;
  if (!Array.isArray(datasets)) return [];
  const folders = datasets.map((dataset: { folder?: unknown }) => String(dataset.folder ?? "."));
  return folders.filter((folder) => folder !== "." && folder !== "");
}

async function kindOfRows(path: string): Promise<SubjectKind> {
  for await (const { row, where } of readRows(path, { allowPartial: true })) {
    const fields = (typeof row === "object" && row !== null ? row : {}) as Record<string, unknown>;
    const has = (...names: string[]) => names.every((name) => (fields[name] ?? null) !== null);
    if (has("chosen", "rejected")) return "dpo";
    if (has("responses")) {
      const replies = fields.responses as unknown;
      const first = Array.isArray(replies) ? replies[0] : undefined;
      const scored = typeof first === "object" && first !== null && "score" in first;
      return scored ? "scored" : "policy";
    }
    if (has("messages", "response")) return "teacher";
    if (has("prompt", "completion")) return "sft";
    const last = Array.isArray(fields.messages) ? fields.messages.at(-1) : undefined;
    if (last?.role === "assistant") return "sft";
    if (["messages", "prompt", "question", "instruction"].some((name) => has(name))) {
      return "prompts";
    }
    throw new InputError(`${where}: neither a record nor a dataset's row: nothing to report`);
  }
  throw new InputError(`${path}: holds no rows: nothing to report`);
}

/** Each path's last part, or its last two where those would be equal, or the whole. */
function namesOf(paths: readonly string[]): string[] {
  const last = paths.map((path) => basename(path) || path);
  const two = paths.map((path) => join(basename(dirname(path)), basename(path)));
  return [last, two].find((names) => new Set(names).size === names.length) ?? [...paths];
}
