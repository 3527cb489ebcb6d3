/** A dataset of the Hugging Face Hub: its files, downloaded into the cache that Python uses too. */
import { join } from "node:path";
import { defaultContext } from "../../core/context.ts";
import { InputError, messageOf } from "../../core/errors.ts";
import { isFile } from "../../core/file_kind.ts";
import { hubCache } from "../../core/user_cache.ts";
import { alone, fetchFile } from "./hub_download.ts";
import { cardFiles, namedFiles } from "./hub_layout.ts";
import { HUB_PREFIX, type HubOptions } from "./hub_options.ts";
import { hubAddress, type HubContext, openRepo, type Repo } from "./hub_repo.ts";
import { chosenSplit } from "../inputs/splits.ts";

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
const found = new Map<string, { files: Promise<DownloadedFile[]>; signal?: AbortSignal }>();

/**
 * The files of `hf/OWNER/NAME` that hold the rows of one configuration and split.
 *
 * @throws {InputError} where there is no such dataset, no rows in it, or several configurations or
 * splits of which none was named.
 */
export async function hubFiles(
  spec: string,
  options: HubOptions = {},
): Promise<DownloadedFile[]> {
  const { split, config, revision, byRanges = false, fetch, signal } = options,
    env = options.env ?? ((name: string) => Deno.env.get(name));
  const key = JSON.stringify([
    spec,
    split,
    config,
    revision,
    byRanges,
    hubAddress(env),
    hubCache(env),
  ]);
  const before = found.get(key);
  if (before !== undefined) {
    try {
      return await before.files;
    } catch (error) {
      // Who began it was stopped: this one goes on.
      if (!before.signal?.aborted || signal?.aborted) throw error;
      return await hubFiles(spec, options);
    }
  }
  const files = find(spec, options, defaultContext({ env, ...(fetch && { fetch }) }));
  found.set(key, { files, signal });
  files.catch(() => found.delete(key));
  return await files;
}

/** `lasting` is what rows are fetched by later, when the call that found the files may be over. */
async function find(spec: string, options: HubOptions, lasting: HubContext) {
  const name = spec.slice(HUB_PREFIX.length);
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) {
    throw new InputError(`${spec}: a dataset of the Hub is named hf/OWNER/NAME`);
  }
  const { revision = "main", config, split, byRanges = false } = options;
  const context = { ...lasting, signal: options.signal ?? lasting.signal };
  const about = `${spec}:`, what = "dataset";
  const repo = await openRepo({ kind: "dataset", name, revision, about, what }, context);
  const known = new Map(repo.files.map((file) => [file.rfilename, file]));
  const paths = [...known.keys()].sort();
  const fetched = (path: string) => fetchFile(repo, known.get(path)!, context);
  const card = known.has("README.md") ? await Deno.readTextFile(await fetched("README.md")) : "";
  const kind = KINDS.find((pattern) => paths.some((path) => pattern.test(path)));
  const rows = paths.filter((path) => kind?.test(path));
  const ofConfig = chosenConfig(spec, cardFiles(card, rows) ?? namedFiles(rows), config);
  const chosen = chosenSplit(spec, ofConfig, (file) => file.split, split);
  if (chosen.length === 0) throw new InputError(`${spec}: no files of rows in this dataset`);
  const files: DownloadedFile[] = [];
  for (const { path } of chosen) {
    const shown = `${spec}@${repo.commit}/${path}`;
    const { size = 0, lfs } = known.get(path)!;
    const isRanged = byRanges && path.endsWith(".parquet") && size >= RANGED_BYTES &&
      lfs?.sha256 !== undefined && !isFile(join(repo.snapshot, path));
    if (isRanged) files.push({ ...await ranged(repo, path, shown, lasting), sha256: lfs.sha256 });
    else files.push({ path: shown, at: await fetched(path) });
  }
  if (!repo.isCached) await repo.remember();
  return files;
}

/** A file of which only the rows that are read are fetched. */
async function ranged(
  repo: Repo,
  path: string,
  shown: string,
  context: HubContext,
): Promise<DownloadedFile> {
  const { RangedParquet } = await import("./hub_ranges.ts");
  const { downloadFile } = await import("@huggingface/hub");
  const { name, commit, folder } = repo, { env, fetch } = context;
  const blob = await downloadFile({
    repo: { type: "dataset", name },
    ...{ path, revision: commit, hubUrl: hubAddress(env), accessToken: env("HF_TOKEN"), fetch },
  }).catch((error) => {
    throw new InputError(`${shown}: cannot be downloaded: ${messageOf(error)}`);
  });
  if (blob === null) throw new InputError(`${shown}: the Hub has no such file`);
  const at = join(folder, "ranges", commit, path);
  const mine = <T>(work: () => Promise<T>) => alone(folder, shown, context, work);
  const file = await mine(() => RangedParquet.open(at, shown, blob));
  return { path: shown, at, need: (from, to) => mine(() => file.need(from, to)) };
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
