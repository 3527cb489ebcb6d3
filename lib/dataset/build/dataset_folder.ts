/** The folder of a dataset: made whole or not at all, and only where its inputs have changed. */
import { join } from "node:path";
import type { DataFrame } from "../../core/frame.ts";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import type { Manifest } from "../../core/manifest.ts";
import { wordsOf } from "../../io/inputs/input_files.ts";
import { withMessageForm } from "../../io/write/message_values.ts";
import { replaceDirectory } from "../../io/disk/replace_directory.ts";
import { writeOwnReport } from "../../report/own_report.ts";
import { RowsProgress } from "../../run/rows_progress.ts";
import { BuildFiles } from "./build_files.ts";
import { BuildInput, type InputReject } from "./build_input.ts";
import { checkedReward } from "./checked_reward.ts";
import type { DatasetBuilder } from "./dataset_builder.ts";
import type { RowOutcome } from "./row_ids.ts";
import { type BuiltDataset, describeLeaves } from "./dataset_leaf.ts";
import { datasetManifest, fingerprintOf } from "./dataset_manifest.ts";
import { existingDataset, isSameDataset } from "./existing_dataset.ts";
import { RejectsFile } from "./rejects_file.ts";

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
 * Builds a dataset into a temporary folder, describes it (card, manifest, rejects) and puts it in
 * place of OUT. Where OUT holds the dataset of equal inputs and options already, nothing is done.
 *
 * @throws {InputError} where OUT holds something else: another dataset without `overwrite`, or any
 * folder that no builder made; and where nothing was kept.
 */
export async function buildDataset<R extends string, O extends RowOutcome<R>>(
  builder: DatasetBuilder<R, O>,
  context: StageContext,
): Promise<DatasetResult> {
  return await withMessageForm((json) => build(builder, json, context));
}

async function build<R extends string, O extends RowOutcome<R>>(
  builder: DatasetBuilder<R, O>,
  json: boolean,
  context: StageContext,
): Promise<DatasetResult> {
  const { stage, kind, options: { out, overwrite } } = builder;
  const now = () => new Date(context.now()).toISOString();
  const started_at = now();
  const before = existingDataset({ out, stage });
  const files = await BuildFiles.find(builder.paths, builder.options);
  const fingerprint = fingerprintOf(builder);
  if (before !== undefined) {
    if (isSameDataset(out, before, { fingerprint, inputs: await files.hashed(context) })) {
      context.log(`${stage}: ${out} holds this dataset already: nothing to do`);
      // Killed before its end, the build that made it may have left no page.
      await writeOwnReport(out, kind, false, context);
      return resultOf(out, before, false);
    }
    if (!overwrite) {
      throw new InputError(
        `${out}: holds a dataset of other inputs or options: choose another --out, or pass ` +
          `--overwrite`,
      );
    }
  }
  let manifest: Manifest, notes: string[];
  await replaceDirectory(out, async (root) => {
    await using opened = new AsyncDisposableStack();
    const rejects = opened.adopt(
      new RejectsFile<R | InputReject>(root, stage),
      (file) => file.abandon(),
    );
    const progress = opened.adopt(
      new RowsProgress(context, stage, files.bytes),
      (line) => line.end(),
    );
    const input = await BuildInput.open(builder, {
      ...{ root, rejects, context, json, opened },
      files: files.names,
      onChunk(path, chunk) {
        progress.read(chunk.length);
        files.onChunk(path, chunk);
      },
      onRow: () => progress.row(),
    });
    const made = await fill(builder, input);
    const rejected = rejects.close(), inputs = await files.hashed(context);
    const told = { fingerprint, inputs, started_at, ended_at: now() };
    notes = made.leaves.flatMap(({ card }) => card.notes ?? []);
    manifest = describeLeaves(
      root,
      datasetManifest(builder, input, made, told),
      made.leaves,
      rejected,
    );
  });
  context.log([summaryLine(manifest!, out), ...notes!].join(" · "));
  await writeOwnReport(out, kind, true, context);
  return resultOf(out, manifest!, true);
}

/** Makes rows of all that is read and not left out. */
async function fill<R extends string, O extends RowOutcome<R>>(
  { paths, options: { score = "score", rewardCheck, license }, nothing, open }: DatasetBuilder<
    R,
    O
  >,
  input: BuildInput<R>,
): Promise<BuiltDataset> {
  const rows = await open(input);
  for await (const outcome of rows.outcomes()) {
    if (input.keeps(outcome)) await rows.keep(outcome);
  }
  if (input.kept === 0) {
    const first = input.folder.rejects.first ?? "no rows";
    throw new InputError(`${wordsOf(paths)}: ${nothing}; the first: ${first}`);
  }
  const sections = await checkedReward(rewardCheck, { paths, score, names: input.rewards });
  const { leaves, extra, models } = await rows.finish();
  return {
    leaves: leaves.map((leaf) => ({ ...leaf, card: { ...leaf.card, license, sections } })),
    models,
    extra: sections === undefined ? extra : { ...extra, sections },
  };
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
