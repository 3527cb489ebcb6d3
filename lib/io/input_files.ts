/** Which files an input path stands for. */
import { basename, join } from "node:path";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { Manifest } from "../core/manifest.ts";
import { fileError } from "./bytes.ts";

/** How a file holds its rows. `text` is JSON or JSON Lines, told apart by its first character. */
export type FileKind = "text" | "parquet" | "arrow";

/** A file to be read, and the name that its rows have as their source where they say none. */
export interface InputFile {
  path: string;
  kind: FileKind;
  stem: string;
  /** A shard of an earlier stage's OUT: it may hold no record, and a crash may tear its last line. */
  isShard: boolean;
}

/** Options of {@link inputFiles}. */
export interface InputFilesOptions {
  /** Take an earlier stage's OUT though it is not done. Default: false. */
  allowPartial?: boolean;
}

/**
 * The concrete files of an input path, in the order in which they are read: a file; an earlier
 * stage's OUT (its records, checked against its manifest); a Hugging Face `save_to_disk` folder; a
 * dataset folder (`data/*.parquet`); or a folder of files of one kind, by name.
 *
 * @throws {InputError} where there is nothing to read, kinds are mixed, or a stage's OUT lacks a
 * shard or is not done.
 */
export async function inputFiles(
  path: string,
  options: InputFilesOptions = {},
): Promise<InputFile[]> {
  const info = await stat(path);
  if (info === null) throw new InputError(`${path}: no such file or folder`);
  if (!info.isDirectory) return [fileOf(path)];
  const names = await list(path);
  if (names.includes("records") && (names.includes("manifest.json") || names.includes("rejects"))) {
    return await recordFiles(path, options.allowPartial ?? false);
  }
  if (names.includes("data") && (names.includes("manifest.json") || names.includes("README.md"))) {
    return await inputFiles(join(path, "data"), options);
  }
  if (names.includes("dataset_dict.json")) return await splitFiles(path);
  if (names.includes("state.json")) return await arrowFiles(path, stemOf(path));
  const inside = namesOfKind(path, names);
  if (inside.length > 0) return inside.map((name) => fileOf(join(path, name)));
  throw new InputError(`${path}: no .json, .jsonl, .ndjson or .parquet file in this folder`);
}

const KINDS: [RegExp, FileKind, string][] = [
  [/\.json(\.gz)?$/i, "text", ".json"],
  [/\.(jsonl|ndjson)(\.gz)?$/i, "text", ".jsonl"],
  [/\.parquet$/i, "parquet", ".parquet"],
  [/\.arrow$/i, "arrow", ".arrow"],
];

function kindOf(name: string) {
  return KINDS.find(([pattern]) => pattern.test(name));
}

function fileOf(path: string): InputFile {
  const kind = kindOf(path)?.[1];
  if (kind === undefined) {
    throw new InputError(
      `${path}: a file must end in .json, .jsonl, .ndjson (each also .gz), .parquet or .arrow`,
    );
  }
  return { path, kind, stem: stemOf(path), isShard: false };
}

/** A file's name without its endings: `a/wild.jsonl.gz` is `wild`. */
function stemOf(path: string): string {
  const name = basename(path);
  return name.replace(/\.gz$/i, "").replace(/\.(json|jsonl|ndjson|parquet|arrow)$/i, "") || name;
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

async function recordFiles(path: string, allowPartial: boolean): Promise<InputFile[]> {
  const present = new Set(await list(join(path, "records")));
  const file = (name: string): InputFile => (
    { path: join(path, "records", name), kind: "text", stem: stemOf(path), isShard: true }
  );
  if (!await isFile(join(path, "manifest.json"))) {
    if (!allowPartial) {
      throw new InputError(
        `${path}: no manifest.json: no shard of this run is done: run the stage again, or pass --allow-partial`,
      );
    }
    return [...present].filter((name) => /^part-\d+-of-\d+\.jsonl$/.test(name)).map(file);
  }
  const manifest = Manifest.pick({ status: true, shard: true, shards: true, counts: true })
    .safeParse(await readJson(join(path, "manifest.json")));
  if (!manifest.success) {
    throw new InputError(
      `${path}/manifest.json: ${z.prettifyError(manifest.error).replace(/\s+/g, " ")}`,
    );
  }
  const { status, shard, shards, counts } = manifest.data;
  const count = shards?.count ?? shard.count;
  const done = new Set(shards?.done ?? (status === "done" ? [shard.index] : []));
  const files: InputFile[] = [];
  for (let index = 0; index < count; index++) {
    const name = shardName(index, count);
    if (present.has(name)) files.push(file(name));
    if (allowPartial) continue;
    if (!present.has(name)) {
      throw new InputError(
        `${file(name).path}: this shard is missing: run it, or pass --allow-partial`,
      );
    }
    if (!done.has(index)) {
      const left = shards === undefined ? ` (${counts.pending} left)` : "";
      throw new InputError(
        `${
          file(name).path
        }: this shard is not done${left}: run the stage again, or pass --allow-partial`,
      );
    }
  }
  return files;
}

/** The file name of a shard's records or rejects: `part-00000-of-00001.jsonl`. */
export function shardName(index: number, count: number): string {
  return `part-${String(index).padStart(5, "0")}-of-${String(count).padStart(5, "0")}.jsonl`;
}

async function splitFiles(path: string): Promise<InputFile[]> {
  const dict = z.object({ splits: z.array(z.string()).min(1) })
    .safeParse(await readJson(join(path, "dataset_dict.json")));
  if (!dict.success) {
    throw new InputError(`${path}/dataset_dict.json: splits: must be a list of names`);
  }
  const files: InputFile[] = [];
  for (const split of dict.data.splits) {
    files.push(...await arrowFiles(join(path, split), stemOf(path)));
  }
  return files;
}

async function arrowFiles(path: string, stem: string): Promise<InputFile[]> {
  const where = join(path, "state.json");
  const state = z.object({ _data_files: z.array(z.object({ filename: z.string() })).min(1) })
    .safeParse(await readJson(where));
  if (!state.success) throw new InputError(`${where}: _data_files: must be a list of file names`);
  return state.data._data_files.map(({ filename }) => {
    if (filename !== basename(filename)) {
      throw new InputError(`${where}: _data_files: must be names of files in the folder`);
    }
    return { path: join(path, filename), kind: "arrow", stem, isShard: false };
  });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`${path}: not JSON`);
    throw fileError(path, error);
  }
}

async function list(path: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const entry of Deno.readDir(path)) names.push(entry.name);
    return names.sort();
  } catch (error) {
    throw fileError(path, error);
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path))?.isFile ?? false;
}

async function stat(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw fileError(path, error);
  }
}
