/** A dataset of the Hugging Face Hub: its files, downloaded into the cache that Python uses too. */
import { dirname, join } from "node:path";
import { datasetInfo, downloadFile, downloadFileToCacheDir, listFiles } from "@huggingface/hub";
import { InputError, messageOf } from "../core/errors.ts";
import { TASK_COMMAND } from "../core/packaged.ts";
import { hubCache } from "../core/user_cache.ts";
import { HUB_PREFIX, type HubOptions } from "./hub_options.ts";
import { cardFiles, namedFiles } from "./hub_layout.ts";
import { chosenSplit } from "./splits.ts";

/** A file: as a manifest names it, with its revision, and where its bytes are. */
export interface DownloadedFile {
  /** `hf/OWNER/NAME@COMMIT/data/train-00000-of-00001.parquet` */
  path: string;
  at: string;
  /** As the Hub says. */
  sha256?: string;
  /** Fetches rows of it before they are read. */
  need?: (from: number, to: number) => Promise<void>;
}

/** Smaller files are fetched whole also by ranges. */
const RANGED_BYTES = 4_000_000;

/** Rows are read from one kind of file, the first of these that the dataset has. */
const KINDS = [
  /\.parquet$/,
  /\.jsonl?(\.gz)?$/,
  /\.ndjson(\.gz)?$/,
  /\.csv(\.gz)?$/,
  /\.tsv(\.gz)?$/,
];

/** Found once a process, so that every reading of an input is of the same revision. */
const found = new Map<string, Promise<DownloadedFile[]>>();

/**
 * The files of `hf/OWNER/NAME` that hold the rows of one configuration and split.
 *
 * HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE and HF_TOKEN mean what they mean to Python's
 * library. With the Hub out of reach the revision that was used last is read from the cache.
 *
 * @throws {InputError} where there is no such dataset, no rows in it, or several configurations or
 * splits of which none was named.
 */
export function hubFiles(spec: string, options: HubOptions = {}): Promise<DownloadedFile[]> {
  const { split, config, revision, byRanges = false } = options;
  const env = options.env ?? ((name: string) => Deno.env.get(name));
  const key = JSON.stringify([
    spec,
    split,
    config,
    revision,
    byRanges,
    env("HF_ENDPOINT"),
    hubCache(env),
  ]);
  let files = found.get(key);
  if (files === undefined) {
    files = find(spec, { ...options, env });
    found.set(key, files);
    files.catch(() => found.delete(key));
  }
  return files;
}

type Env = (name: string) => string | undefined;

async function find(spec: string, options: HubOptions & { env: Env }): Promise<DownloadedFile[]> {
  const name = spec.slice(HUB_PREFIX.length);
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) {
    throw new InputError(`${spec}: a dataset of the Hub is named hf/OWNER/NAME`);
  }
  const { env, revision = "main", config, split } = options;
  const cache = hubCache(env), folder = join(cache, `datasets--${name.replace("/", "--")}`);
  const ref = join(folder, "refs", revision.replaceAll("/", "--"));
  const repo = { type: "dataset", name } as const;
  const hub = {
    hubUrl: env("HF_ENDPOINT")?.replace(/\/$/, ""),
    accessToken: env("HF_TOKEN"),
    fetch: options.fetch,
  };
  const said = await online(spec, name, revision, hub, env);
  const source = typeof said === "string" ? await cached(spec, folder, ref, said) : said;
  const { commit, paths } = source;
  const fetchFile = async (path: string) =>
    source.isCached
      ? join(folder, "snapshots", commit, path)
      : await alone(folder, () =>
        quietly(() =>
          downloadFileToCacheDir({ repo, path, revision: commit, cacheDir: cache, ...hub })
        ));
  try {
    const card = paths.includes("README.md")
      ? await Deno.readTextFile(await fetchFile("README.md"))
      : "";
    const kind = KINDS.find((pattern) => paths.some((path) => pattern.test(path)));
    const rows = paths.filter((path) => kind?.test(path));
    const all = cardFiles(card, rows) ?? namedFiles(rows);
    const ofConfig = chosenConfig(spec, all, config);
    const chosen = chosenSplit(spec, ofConfig, (file) => file.split, split);
    if (chosen.length === 0) throw new InputError(`${spec}: no files of rows in this dataset`);
    const files: DownloadedFile[] = [];
    for (const { path } of chosen) {
      const shown = `${spec}@${commit}/${path}`;
      const large = options.byRanges && path.endsWith(".parquet") && source.large.get(path);
      const whole = join(folder, "snapshots", commit, path);
      if (!large || await Deno.stat(whole).then(() => true, () => false)) {
        files.push({ path: shown, at: await fetchFile(path) });
        continue;
      }
      const { RangedParquet } = await import("./hub_ranges.ts");
      const blob = await downloadFile({ repo, path, revision: commit, ...hub });
      if (blob === null) throw new Error(`${path}: the Hub has no such file`);
      const at = join(folder, "ranges", commit, path);
      const file = await alone(folder, () => RangedParquet.open(at, shown, blob));
      const need = (from: number, to: number) => alone(folder, () => file.need(from, to));
      files.push({ path: shown, at, sha256: large, need });
    }
    if (!source.isCached) {
      await Deno.mkdir(dirname(ref), { recursive: true });
      await Deno.writeTextFile(ref, commit);
    }
    return files;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${spec}: cannot be downloaded: ${messageOf(error)}`);
  }
}

interface Source {
  commit: string;
  paths: string[];
  /** The SHA-256 of large files by their paths, where the Hub tells it. */
  large: Map<string, string>;
  isCached: boolean;
}

/** What the Hub says, or why it is out of reach. */
async function online(
  spec: string,
  name: string,
  revision: string,
  hub: { hubUrl?: string; accessToken?: string; fetch?: typeof fetch },
  env: Env,
): Promise<Source | string> {
  if (/^(1|true|yes|on)$/i.test(env("HF_HUB_OFFLINE") ?? "")) {
    return "HF_HUB_OFFLINE is set";
  }
  try {
    const { sha } = await datasetInfo({ name, revision, additionalFields: ["sha"], ...hub });
    const paths: string[] = [], large = new Map<string, string>();
    const repo = { type: "dataset", name } as const;
    for await (const file of listFiles({ repo, revision: sha, recursive: true, ...hub })) {
      if (file.type !== "file" || !isPlain(file.path)) continue;
      paths.push(file.path);
      const { oid } = file.lfs ?? {};
      if (file.size >= RANGED_BYTES && oid && /^[0-9a-f]{64}$/.test(oid)) large.set(file.path, oid);
    }
    return { commit: sha, paths: paths.sort(), large, isCached: false };
  } catch (error) {
    const status = (error as { statusCode?: number }).statusCode;
    if (status === undefined || status >= 500) return messageOf(error);
    throw new InputError(
      `${spec}: the Hub answers ${status} for it at ${revision}` +
        (status === 401 || status === 403 ? " (HF_TOKEN may be needed)" : ""),
    );
  }
}

/** The snapshot that was used last. */
async function cached(
  spec: string,
  folder: string,
  ref: string,
  why: string,
): Promise<Source> {
  const commit = await Deno.readTextFile(ref).then((text) => text.trim(), () => null);
  if (commit === null || !/^[0-9a-f]{40}$/.test(commit)) {
    throw new InputError(
      `${spec}: not in the cache, and the Hub is out of reach: ${why} (a task that builds has no ` +
        `network: ${TASK_COMMAND} download ${spec} --what dataset)`,
    );
  }
  const paths: string[] = [];
  const walk = async (within: string) => {
    for await (
      const { name, isDirectory } of Deno.readDir(join(folder, "snapshots", commit, within))
    ) {
      const path = within === "" ? name : `${within}/${name}`;
      if (isDirectory) await walk(path);
      else paths.push(path);
    }
  };
  await walk("");
  return { commit, paths: paths.sort(), large: new Map(), isCached: true };
}

function chosenConfig<T extends { config: string }>(
  spec: string,
  files: readonly T[],
  asked: string | undefined,
): T[] {
  const names = [...new Set(files.map(({ config }) => config))];
  const name = asked ?? (names.length === 1 ? names[0] : names.find((each) => each === "default"));
  if (names.length === 0) return [];
  if (name === undefined) {
    throw new InputError(
      `${spec}: holds several configurations (${names.join(", ")}): name one with --config`,
    );
  }
  if (!names.includes(name)) {
    throw new InputError(
      `${spec}: no configuration ${name} (--config); there is ${names.join(", ")}`,
    );
  }
  return files.filter(({ config }) => config === name);
}

/** A path that stays within its folder, whatever a hub answers. */
function isPlain(path: string): boolean {
  return !path.startsWith("/") && !path.includes("\\") && !path.includes("\0") &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/**
 * One process at a time, shards that start together among them: the library writes a download into
 * a file of one name.
 */
async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await Deno.mkdir(folder, { recursive: true });
  // Closed by the kernel where the process dies; the file stays.
  using file = await Deno.open(join(folder, ".lock"), { create: true, write: true });
  await file.lock(true);
  return await work();
}

/** The library tells of each file on stdout, which is the command's own. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { debug } = console;
  console.debug = () => {};
  try {
    return await work();
  } finally {
    console.debug = debug;
  }
}
