/** The folder of a dataset: made whole or not at all, and only where its inputs have changed. */
import { join } from "node:path";
import type { DataFrame } from "../../core/frame.ts";
import { canonicalJson, sha256 } from "../../core/canonical.ts";
import { defaultContext, type StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import type { Counts, Manifest } from "../../core/manifest.ts";
import { packageVersions, VERSION } from "../../core/version.ts";
import { ReadHashes } from "../../io/hash_file.ts";
import { inputFiles } from "../../io/input_files.ts";
import { replaceDirectory } from "../../io/replace_directory.ts";
import { writeOwnReport } from "../../report/own_report.ts";
import type { BuildFolder } from "./build_folder.ts";
import { BuildInput, type InputReject } from "./build_input.ts";
import type { BuildPlan } from "./build_plan.ts";
import { RowsProgress } from "../../run/rows_progress.ts";
import { type BuiltDataset, describeLeaves } from "./dataset_leaf.ts";
import { RejectsFile } from "./rejects_file.ts";
import { existingDataset, isSameDataset } from "./existing_dataset.ts";

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

/**
 * Builds a dataset into a temporary folder by `make`, describes it (card, manifest, rejects) and
 * puts it in place of OUT. Where OUT holds the dataset of equal inputs and options already, nothing
 * is done.
 *
 * @throws {InputError} where OUT holds something else: another dataset without `overwrite`, or any
 * folder that no builder made.
 */
export async function buildDataset<R extends string>(
  build: BuildPlan,
  overrides: Partial<StageContext>,
  make: (input: BuildInput<R>, folder: BuildFolder<R | InputReject>) => Promise<BuiltDataset>,
): Promise<DatasetResult> {
  const context = defaultContext(overrides);
  const started_at = new Date(context.now()).toISOString();
  const before = existingDataset(build);
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
    if (isSameDataset(build.out, before, { fingerprint, inputs: await hashedInputs() })) {
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
  let manifest: Manifest | undefined, standsOut: string[] = [];
  await replaceDirectory(build.out, async (root) => {
    const rejects = new RejectsFile<R | InputReject>(root, build.stage);
    const progress = new RowsProgress(context, build.stage, sizeOf([...places.values()]));
    const onChunk = (path: string, chunk: Uint8Array) => {
      progress.read(chunk.length);
      hashes.add(path, chunk);
    };
    const folder = { root, rejects, context, files, onChunk, onRow: () => progress.row() };
    let input: BuildInput<R>, made: BuiltDataset;
    try {
      input = await BuildInput.open<R>(build.input, folder);
      made = await make(input, folder);
    } catch (error) {
      rejects.abandon();
      throw error;
    } finally {
      progress.end();
    }
    const rejectsEntry = rejects.close();
    const inputs = await hashedInputs(), { rows } = input;
    manifest = {
      stage: build.stage,
      version: VERSION,
      status: "done",
      options: Object.fromEntries(
        Object.entries(build.options).filter(([, value]) => value !== undefined),
      ),
      fingerprint,
      inputs: inputs.map((file) => ({ ...file, rows: rows.get(file.path) ?? 0 })),
      outputs: [],
      models: [...made.models].sort(),
      ...(build.tokenizers ? { identities: { tokenizer: build.tokenizers } } : {}),
      seed: build.seed,
      packages: packageVersions(
        "apache-arrow",
        "hyparquet-writer",
        "@huggingface/jinja",
        "tokenizers",
      ),
      counts: {
        ...input.counts(made.kept),
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
      ended_at: new Date(context.now()).toISOString(),
    };
    checkLedger(manifest.counts);
    standsOut = made.leaves.flatMap(({ card }) => card.notes ?? []);
    manifest = describeLeaves(root, manifest, made.leaves, rejectsEntry);
  });
  context.log([summaryLine(manifest!, build.out), ...standsOut].join(" · "));
  await writeOwnReport(build.out, build.kind, true, context);
  return resultOf(build.out, manifest!, true);
}

/** The bytes of files, those of compressed ones as they lie on disk. */
function sizeOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + Deno.statSync(path).size, 0);
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

/** The ledger's rule; an error here is a defect of a builder. */
function checkLedger(counts: Counts): void {
  if (counts.input !== counts.kept + counts.rejected) {
    throw new Error(
      `the ledger is broken: ${counts.input} in, ${counts.kept} kept, ${counts.rejected} rejected`,
    );
  }
}
