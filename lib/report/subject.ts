/** What an input of the report is: which stage's run, or which kind of dataset. */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import { isFolder } from "../core/file_kind.ts";
import type { Manifest } from "../core/manifest.ts";
import type { InputFilesOptions } from "../io/inputs/input_files.ts";
import { manifestFolders, readManifest } from "../io/records/manifest_file.ts";
import { PROMPT_FIELDS } from "../io/prompts/prompt_field.ts";
import { readRows } from "../io/rows/read_rows.ts";
import { shortNames } from "../io/inputs/short_names.ts";
import type { DatasetKind, Leaves, RecordsKind, StageFacts } from "../run/define_stage.ts";
import { ALL_SPLITS } from "../io/inputs/splits.ts";

/** The kinds of input that a report can tell of. */
export type SubjectKind = RecordsKind | DatasetKind | "prompts";

/** A run, a dataset, or a file of records. */
export interface Subject {
  /** The folder or file. */
  path: string;
  /** Short, and different from the other subjects' names. */
  name: string;
  /** What it holds. */
  kind: SubjectKind;
  /** What its manifest says; undefined for files without one. */
  manifest: Manifest | undefined;
}

/** What is to be known of the stages whose runs are reported, in the order in which they are run. */
export type KnownStage = Pick<StageFacts, "name"> & { leaves: Pick<Leaves, "kind"> };

/**
 * Tells what each path is: by the stage that its manifest names, else by the fields of its first
 * row. A build with several datasets (`--twins`, several tokenizers) is as many subjects, and a
 * folder of runs, such as the demo's, is all of them.
 *
 * @throws {InputError} where a path holds nothing that a report could tell of, or was made by a
 * stage that is not known.
 */
export async function subjectsOf(
  paths: readonly string[],
  stages: readonly KnownStage[],
  reading: InputFilesOptions = {},
): Promise<Subject[]> {
  const found: Omit<Subject, "name">[] = [];
  for (const path of paths) {
    for (const { folder, manifest } of runsUnder(path, stages)) {
      if (manifest === undefined) {
        found.push({ path: folder, kind: await kindOfRows(folder, reading), manifest });
        continue;
      }
      const kind = shownKind(kindOfStage(folder, manifest, stages));
      if (kind === undefined) {
        throw new InputError(`${folder}: made by ${manifest.stage}: nothing to report`);
      }
      for (const dataset of foldersOf(folder, manifest)) {
        found.push({ path: dataset, kind, manifest });
      }
    }
  }
  return named(found);
}

/** The datasets of a finished build. */
export function datasetsOf(out: string, kind: DatasetKind): Subject[] {
  const manifest = readManifest(join(out, "manifest.json"))!;
  return named(foldersOf(out, manifest).map((path) => ({ path, kind, manifest })));
}

function named(found: Omit<Subject, "name">[]): Subject[] {
  const names = shortNames(found.map(({ path }) => path));
  return found.map((subject, index) => ({ ...subject, name: names[index]! }));
}

type LeftKind = Leaves["kind"];

function kindOfStage(
  folder: string,
  { stage }: Manifest,
  stages: readonly KnownStage[],
): LeftKind {
  const known = stages.find(({ name }) => name === stage);
  if (known === undefined) {
    throw new InputError(`${folder}: made by ${stage}, a stage that is not known here`);
  }
  return known.leaves.kind;
}

/** Of models and of files of a stage's own there is nothing to show. */
function shownKind(kind: LeftKind): SubjectKind | undefined {
  return kind === "model" || kind === "files" || kind === "nothing" ? undefined : kind;
}

/** The path itself; of a folder that only holds runs and datasets, those, at most four deep. */
function runsUnder(
  path: string,
  stages: readonly KnownStage[],
): { folder: string; manifest: Manifest | undefined }[] {
  const made = isFolder(path) ? manifestFolders(path) : [];
  if (made.length === 0) return [{ folder: path, manifest: undefined }];
  const runs = made.map((folder) => (
    { folder, manifest: readManifest(join(folder, "manifest.json"))! }
  ));
  if (made[0] === path) return runs;
  const shown = runs.filter(({ folder, manifest }) =>
    shownKind(kindOfStage(folder, manifest, stages)) !== undefined
  );
  if (shown.length === 0) throw new InputError(`${path}: no run or dataset in this folder`);
  const place = ({ manifest }: typeof runs[number]) =>
    stages.findIndex(({ name }) => name === manifest.stage);
  return shown.sort((a, b) => place(a) - place(b));
}

/** The folders of a build with several datasets; OUT itself where that is the only one. */
function foldersOf(out: string, { extra }: Manifest): string[] {
  const datasets = Array.isArray(extra?.datasets) ? extra.datasets : [];
  const folders = datasets.map((dataset: { folder?: unknown }) => String(dataset.folder ?? "."));
  const inside = folders.filter((folder) => folder !== "." && folder !== "");
  return inside.length === 0 ? [out] : inside.map((folder) => join(out, folder));
}

async function kindOfRows(path: string, reading: InputFilesOptions): Promise<SubjectKind> {
  for await (
    const { row, where } of readRows(path, { allowPartial: true, split: ALL_SPLITS, ...reading })
  ) {
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
    if (PROMPT_FIELDS.some((name) => has(name))) return "prompts";
    throw new InputError(`${where}: neither a record nor a dataset's row: nothing to report`);
  }
  throw new InputError(`${path}: holds no rows: nothing to report`);
}
