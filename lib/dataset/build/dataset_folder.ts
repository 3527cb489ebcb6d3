/** The folder of a dataset: made whole or not at all, and only where its inputs have changed. */
import { join } from "node:path";
import type { DataFrame } from "../../core/frame.ts";
import { canonicalJson, type Json, sha256 } from "../../core/canonical.ts";
import { defaultContext, type StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { type Counts, type FileEntry, type Manifest, PLOT_FILE } from "../../core/manifest.ts";
import { packageVersions, VERSION } from "../../core/version.ts";
import { ReadHashes } from "../../io/hash_file.ts";
import { inputFiles, type InputFilesOptions, type InputPaths } from "../../io/input_files.ts";
import { replaceDirectory } from "../../io/replace_directory.ts";
import { writeOwnReport } from "../../report/own_report.ts";
import type { DatasetKind } from "../../run/define_stage.ts";
import { readManifest } from "../../run/run_files.ts";
import { type CardFacts, datasetCard } from "./card.ts";
import type { DatasetConfig } from "./dataset_config.ts";
import { REJECTS, RejectsFile } from "./rejects_file.ts";

/** What a builder tells of itself before it begins. */
export interface DatasetBuild {
  stage: string;
  kind: DatasetKind;
  out: string;
  overwrite: boolean;
  /** The inputs, as the user gave them, and how each is read. */
  inputs: readonly { paths: InputPaths; reading: InputFilesOptions }[];
  /** Other files that the build goes by. */
  files: readonly (string | undefined)[];
  /** All options, for the manifest. */
  options: Record<string, Json | undefined>;
  /** What affects the dataset, the inputs aside. */
  affects: Record<string, Json | undefined>;
  seed: number | null;
}

/** One dataset of a build: OUT itself, or a folder in it. */
export interface DatasetLeaf {
  /** `""` for OUT itself. */
  folder: string;
  configs: DatasetConfig[];
  /** What the card tells beside the counts. */
  card: CardFacts;
  /** Other files of the leaf, paths relative to it. */
  files?: FileEntry[];
  /** The card's picture. */
  plot?: { caption: string; svg: string };
}

/** What a builder has made, in the temporary folder. */
export interface BuiltDataset {
  leaves: DatasetLeaf[];
  counts: Omit<Counts, "pending" | "other" | "rejected" | "rejected_by_reason">;
  /** Rows by input file, in the order of the files. */
  rows: Map<string, number>;
  models: string[];
  extra: Record<string, unknown>;
}

/** How a build ended. */
export interface DatasetResult {
  /** The folder of the dataset. */
  out: string;
  /** What its manifest says. */
  manifest: Manifest;
  /** False where OUT already held this dataset, and nothing was done. */
  built: boolean;
  /**
   * The rows of the dataset as a Polars frame, which is loaded when this is called. `folder` names
   * one of several datasets (`think`, a tokenizer's name).
   */
  frame(folder?: string): Promise<DataFrame>;
}

/** What `make` writes into; `R` are the reasons that the stage may reject for. */
export interface BuildFolder<R extends string> {
  /** The temporary folder: what is written here stands under OUT at the end. */
  root: string;
  rejects: RejectsFile<R>;
  context: StageContext;
  /** The input's files, in the order they are read. */
  files: string[];
  /** Takes what is read of them, once each, for their hashes. */
  onChunk: (path: string, chunk: Uint8Array) => void;
}

/**
 * Builds a dataset into a temporary folder by `make`, describes it (card, manifest, rejects) and
 * puts it in place of OUT. Where OUT holds the dataset of equal inputs and options already, nothing
 * is done.
 *
 * @throws {InputError} where OUT holds something else: another dataset without `overwrite`, or any
 * folder that no builder made.
 */
export async function buildDataset<R extends string>(
  build: DatasetBuild,
  overrides: Partial<StageContext>,
  make: (folder: BuildFolder<R>) => Promise<BuiltDataset>,
): Promise<DatasetResult> {
  const context = defaultContext(overrides);
  const started_at = new Date(context.now()).toISOString();
  const before = standingDataset(build);
  const files: string[] = [], places = new Map<string, string>();
  for (const { paths, reading } of build.inputs) {
    const inside = await inputFiles(paths, reading);
    for (const { path, at = path } of inside) {
      files.push(path);
      places.set(path, at);
    }
  }
  files.push(...build.files.filter((file) => file !== undefined));
  const hashes = new ReadHashes();
  const hashedInputs = async () => {
    const inputs: { path: string; sha256: string }[] = [];
    for (const path of files) {
      inputs.push({ path, sha256: await hashes.of(places.get(path) ?? path, context) });
    }
    return inputs;
  };
  const fingerprint = sha256(canonicalJson({ stage: build.stage, VERSION, ...build.affects }))
    .slice(0, 16);
  if (before !== undefined) {
    const given = (await hashedInputs()).map((input) => input.sha256);
    const same = before.fingerprint === fingerprint &&
      before.inputs.map((input) => input.sha256).join() === given.join() &&
      before.outputs.every((file) => isFile(join(build.out, file.path)));
    if (same) {
      context.log(`${build.stage}: ${build.out} holds this dataset already: nothing to do`);
      // Killed before its end, the build that made it may have left no page.
      await writeOwnReport(build.out, build.kind, false, context);
      return resultOf(build.out, before, false);
    }
    if (!build.overwrite) {
      throw new InputError(
        `${build.out}: holds a dataset of other inputs or options: choose another --out, or pass ` +
          `--overwrite`,
      );
    }
  }
  let manifest: Manifest | undefined;
  await replaceDirectory(build.out, async (root) => {
    const rejects = new RejectsFile<R>(root, build.stage);
    const folder = { root, rejects, context, files, onChunk: hashes.add };
    const made = await make(folder).catch((error: unknown) => {
      rejects.abandon();
      throw error;
    });
    const rejectsEntry = rejects.close();
    const inputs = await hashedInputs();
    manifest = {
      stage: build.stage,
      version: VERSION,
      status: "done",
      options: Object.fromEntries(
        Object.entries(build.options).filter(([, value]) => value !== undefined),
      ),
      fingerprint,
      inputs: inputs.map((file) => ({ ...file, rows: made.rows.get(file.path) ?? 0 })),
      outputs: [],
      models: made.models,
      seed: build.seed,
      packages: packageVersions(
        "apache-arrow",
        "hyparquet-writer",
        "@huggingface/jinja",
        "tokenizers",
      ),
      counts: {
        ...made.counts,
        rejected: rejectsEntry.rows,
        pending: 0,
        other: 0,
        rejected_by_reason: rejects.byReason(),
      },
      extra: made.extra,
      tokens: {},
      cost: null,
      shard: { index: 0, count: 1 },
      failed: [],
      started_at,
      ended_at: null,
    };
    checkLedger(manifest.counts);
    manifest = describe(root, manifest, made.leaves, rejectsEntry, context);
  });
  context.log(summaryLine(manifest!, build.out));
  await writeOwnReport(build.out, build.kind, true, context);
  return resultOf(build.out, manifest!, true);
}

function summaryLine({ stage, counts }: Manifest, out: string): string {
  const reasons = Object.entries(counts.rejected_by_reason).map(([reason, n]) => `${n} ${reason}`);
  const rejected = `${counts.rejected} rejected${reasons.length ? ` (${reasons.join(", ")})` : ""}`;
  return `${stage}: ${counts.kept} of ${counts.input} prompts kept, ${rejected}: ${out}`;
}

function resultOf(out: string, manifest: Manifest, built: boolean): DatasetResult {
  const frame = async (folder = "") => {
    const { datasetFrame } = await import("../../view/dataset_frame.ts");
    return await datasetFrame(join(out, folder));
  };
  return { out, manifest, built, frame };
}

/** Writes each leaf's card, rejects and manifest, and the whole's; gives the whole's. */
function describe(
  root: string,
  manifest: Manifest,
  leaves: readonly DatasetLeaf[],
  rejects: FileEntry,
  context: StageContext,
): Manifest {
  const ended = { ...manifest, ended_at: new Date(context.now()).toISOString() };
  const all: FileEntry[] = [rejects];
  for (const leaf of leaves) {
    const folder = join(root, leaf.folder);
    const outputs: FileEntry[] = [];
    for (const config of leaf.configs) {
      for (const split of config.splits) {
        for (const { path, sha256, rows } of [...split.parquet, ...split.arrow]) {
          outputs.push({ path, sha256, rows });
        }
      }
    }
    outputs.push(...leaf.files ?? []);
    const pictures = leaf.plot === undefined
      ? []
      : [{ caption: leaf.plot.caption, path: PLOT_FILE }];
    if (leaf.plot !== undefined) {
      Deno.mkdirSync(join(folder, "plots"));
      Deno.writeTextFileSync(join(folder, PLOT_FILE), leaf.plot.svg);
      outputs.push({ path: PLOT_FILE, sha256: sha256(leaf.plot.svg), rows: 0 });
    }
    const card = datasetCard(leaf.configs, leaf.card, pictures, manifest);
    Deno.writeTextFileSync(join(folder, "README.md"), card);
    outputs.push({ path: "README.md", sha256: sha256(card), rows: 0 });
    if (leaf.folder !== "") {
      Deno.copyFileSync(join(root, REJECTS), join(folder, REJECTS));
      writeManifestFile(folder, { ...ended, outputs: [rejects, ...outputs] });
    }
    const within = (path: string) => (leaf.folder === "" ? path : `${leaf.folder}/${path}`);
    all.push(...outputs.map((entry) => ({ ...entry, path: within(entry.path) })));
  }
  const whole = { ...ended, outputs: all };
  writeManifestFile(root, whole);
  return whole;
}

function writeManifestFile(folder: string, manifest: Manifest): void {
  Deno.writeTextFileSync(join(folder, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
}

/** The manifest of the dataset that stands at OUT, if one does. */
function standingDataset(build: DatasetBuild): Manifest | undefined {
  const { out, stage } = build;
  let names: string[];
  try {
    names = [...Deno.readDirSync(out)].map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new InputError(`${out}: cannot be a dataset's folder: ${(error as Error).message}`);
  }
  if (names.length === 0) return undefined;
  const manifest = readManifest(join(out, "manifest.json"));
  if (manifest === undefined) {
    throw new InputError(
      `${out}: stands there already, and no builder made it: choose another --out`,
    );
  }
  if (manifest.stage !== stage) {
    throw new InputError(`${out}: holds a ${manifest.stage} run: choose another --out`);
  }
  return manifest;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The ledger's rule; an error here is a defect of a builder. */
function checkLedger(counts: Counts): void {
  if (counts.input !== counts.kept + counts.rejected) {
    throw new Error(
      `the ledger is broken: ${counts.input} in, ${counts.kept} kept, ${counts.rejected} rejected`,
    );
  }
}
