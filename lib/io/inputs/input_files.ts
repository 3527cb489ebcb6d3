/** Which files the input's paths stand for. */
import { basename, join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { isFile } from "../../core/file_kind.ts";
import { HUB_PREFIX, type HubOptions } from "../hub/hub_options.ts";
import { namesIn, statOf } from "../disk/folder.ts";
import { savedDataset, savedSplits } from "./saved_dataset.ts";
import { chosenSplit, splitOfName } from "./splits.ts";
import { stageFiles } from "./stage_files.ts";

/** An input as a user names it: a path, or several that are read one after the other. */
export type InputPaths = string | readonly string[];

/** How a file holds its rows. `text` is JSON or JSON Lines, told apart by its first character. */
export type FileKind = "text" | "parquet" | "arrow" | "csv" | "tsv";

/** A file to be read, and the name that its rows have as their source where they say none. */
export interface InputFile {
  path: string;
  /** Where its bytes are, where that is not `path`. */
  at?: string;
  /** Its SHA-256, where it is known without reading it. */
  sha256?: string;
  /** Fetches rows of it, from one up to another, before they are read. */
  need?: (from: number, to: number) => Promise<void>;
  kind: FileKind;
  stem: string;
  /** A shard of an earlier stage's OUT: it may hold no record, and a crash may tear its last line. */
  isShard: boolean;
}

/** Options of {@link inputFiles}. */
export interface InputFilesOptions
  extends Pick<HubOptions, "config" | "revision" | "byRanges" | "env" | "fetch" | "signal"> {
  /** Take an earlier stage's OUT though it is not done. Default: false. */
  allowPartial?: boolean;
  /** The split to read where an input has several; `all` for every one. */
  split?: string;
}

/** An input in words. */
export function wordsOf(paths: InputPaths): string {
  return [paths].flat().join(", ");
}

/** The paths of an input, one after the other. Throws `InputError` where one is named twice. */
export function pathsOf(paths: InputPaths): string[] {
  const list = [paths].flat();
  const twice = list.find((path, index) => list.indexOf(path) < index);
  if (twice !== undefined) throw new InputError(`${twice}: given twice as an input`);
  return list;
}

/**
 * The concrete files of an input, in the order in which they are read. Each path is a file; an
 * earlier stage's OUT (its records, checked against its manifest); a Hugging Face `save_to_disk`
 * folder; a dataset folder (`data/*.parquet`); or a folder of files of one kind, by name.
 *
 * @throws {InputError} where there is nothing to read, kinds are mixed, several splits are there
 * and none is named, or a stage's OUT lacks a shard or is not done.
 */
export async function inputFiles(
  paths: InputPaths,
  options: InputFilesOptions = {},
): Promise<InputFile[]> {
  const files: InputFile[] = [];
  for (const path of pathsOf(paths)) files.push(...await filesOf(path, options));
  return files;
}

async function filesOf(path: string, options: InputFilesOptions): Promise<InputFile[]> {
  const info = await statOf(path);
  if (info === null && path.startsWith(HUB_PREFIX)) {
    // Loaded when needed: most inputs are here.
    const { hubFiles } = await import("../hub/hub_dataset.ts");
    const stem = stemOf(path);
    return (await hubFiles(path, options)).map((file) => ({ ...fileOf(file.path), ...file, stem }));
  }
  if (info === null) throw new InputError(`${path}: no such file or folder`);
  if (!info.isDirectory) return [fileOf(path)];
  const names = await namesIn(path);
  const stem = stemOf(path);
  if (names.includes("records") && (names.includes("manifest.json") || names.includes("rejects"))) {
    const shards = await stageFiles(path, options.allowPartial ?? false);
    return shards.map((shard) => ({ path: shard, kind: "text", stem, isShard: true }));
  }
  if (names.includes("data") && (names.includes("manifest.json") || names.includes("README.md"))) {
    return await filesOf(join(path, "data"), options);
  }
  const arrow = (file: string): InputFile => ({ path: file, kind: "arrow", stem, isShard: false });
  if (names.includes("dataset_dict.json")) {
    return savedSplits(path, options.split).map(arrow);
  }
  if (names.includes("state.json")) return savedDataset(path).map(arrow);
  // Of several datasets, the files beside them are none of rows.
  if (names.includes("manifest.json")) checkNoneInside(path, names);
  const inside = chosenSplit(path, namesOfKind(path, names), splitOfName, options.split);
  if (inside.length > 0) return inside.map((name) => fileOf(join(path, name)));
  checkNoneInside(path, names);
  throw new InputError(`${path}: no ${FILE_ENDINGS} file in this folder`);
}

/** Throws `InputError` naming the runs and datasets of a folder that is none itself. */
function checkNoneInside(path: string, names: readonly string[]): void {
  const inside = names.map((name) => join(path, name))
    .filter((folder) => isFile(join(folder, "manifest.json")));
  if (inside.length === 0) return;
  const more = inside.length > NAMED ? `, … ${inside.length - NAMED} more` : "";
  throw new InputError(
    `${path}: name what it holds: ${inside.slice(0, NAMED).join(", ")}${more}`,
  );
}

/** How many folders a message names. */
const NAMED = 4;

const KINDS: [RegExp, FileKind, string][] = [
  [/\.json(\.gz)?$/i, "text", ".json"],
  [/\.(jsonl|ndjson)(\.gz)?$/i, "text", ".jsonl"],
  [/\.parquet$/i, "parquet", ".parquet"],
  [/\.csv(\.gz)?$/i, "csv", ".csv"],
  [/\.tsv(\.gz)?$/i, "tsv", ".tsv"],
  [/\.arrow$/i, "arrow", ".arrow"],
];
const FILE_ENDINGS = ".json, .jsonl, .ndjson, .csv, .tsv or .parquet";

function kindOf(name: string) {
  return KINDS.find(([pattern]) => pattern.test(name));
}

function fileOf(path: string): InputFile {
  const kind = kindOf(path)?.[1];
  if (kind === undefined) {
    throw new InputError(
      `${path}: a file must end in .json, .jsonl, .ndjson, .csv, .tsv (each also .gz), .parquet ` +
        `or .arrow`,
    );
  }
  return { path, kind, stem: stemOf(path), isShard: false };
}

/** A file's name without its endings: `a/wild.jsonl.gz` is `wild`. */
function stemOf(path: string): string {
  const name = basename(path);
  return name.replace(/\.gz$/i, "").replace(/\.(jsonl?|ndjson|parquet|arrow|[ct]sv)$/i, "") || name;
}

/** The files that hold rows among a folder's names; one kind only, lest a data set be read twice. */
function namesOfKind(path: string, names: readonly string[]): string[] {
  const rows = names.filter((name) => !/^[._]|^(manifest|dataset_info)\.json$/.test(name));
  const kinds = new Map<string, string[]>();
  for (const name of rows) {
    const label = kindOf(name)?.[2];
    if (label === undefined || label === ".arrow") continue;
    kinds.set(label, [...kinds.get(label) ?? [], name]);
  }
  const [first, second] = [...kinds.values()];
  if (first !== undefined && second !== undefined) {
    throw new InputError(
      `${path}: holds files of several kinds (${first[0]}, ${second[0]}): name one of them`,
    );
  }
  return first ?? [];
}
