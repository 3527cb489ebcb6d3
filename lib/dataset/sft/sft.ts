/** Stage 2b: SFT datasets from a teacher's replies, think and nothink from the same ones. */
import { join } from "node:path";
import type { z } from "zod";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { parseOptions } from "../../core/options.ts";
import { type TeacherRecord, Variant } from "../../core/records.ts";
import { wordsOf } from "../../io/input_files.ts";
import { readingOf } from "../../io/input_options.ts";
import { readTeacherRecords } from "../../io/read_records.ts";
import {
  buildDataset,
  type BuildFolder,
  type BuiltDataset,
  type DatasetLeaf,
  type DatasetResult,
} from "../build/dataset_folder.ts";
import { EVALUATION_READING } from "../filter/contamination.ts";
import { describeArrow } from "../build/dataset_config.ts";
import { InputRows } from "../build/input_rows.ts";
import { PromptFilter } from "../filter/prompt_filter.ts";
import type { Rejection } from "../build/rejects_file.ts";
import { SeenIds } from "../build/seen_ids.ts";
import { sftCard } from "./sft_card.ts";
import { BuildSftOptions, type SftReject } from "./sft_options.ts";
import { SftTarget } from "./sft_target.ts";
import { openTokenizer, parseTokenizerFlag } from "../tokens/tokenizer.ts";
import { TwinProof } from "./twin_proof.ts";

/**
 * Builds SFT datasets: one for each tokenizer (and each variant with `twins`), all of the same
 * rows. A reply is kept where every one of them can hold it.
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * reply could be kept.
 */
export async function buildSft(
  options: z.input<typeof BuildSftOptions>,
  context: Partial<StageContext> = {},
): Promise<DatasetResult> {
  const given = parseOptions(BuildSftOptions, options);
  const targets = await sftTargets(given);
  const { in: path, out, overwrite, allowPartial: _, ...rest } = given;
  const { tokenizer: __, ...affecting } = rest;
  return await buildDataset<SftReject>(
    {
      stage: "build-sft",
      kind: "sft",
      out,
      overwrite,
      inputs: [
        { paths: path, reading: readingOf(given) },
        { paths: given.decontaminate, reading: EVALUATION_READING },
      ],
      options: given,
      affects: {
        ...affecting,
        decontaminate: given.decontaminate.length,
        targets: targets.map(({ tokenizer, variant, folder }) => [
          tokenizer.fingerprint,
          variant,
          folder,
        ]),
      },
      seed: null,
    },
    context,
    async (folder) => {
      for (const target of targets) target.open(folder.root, given);
      try {
        return await fill(given, targets, folder);
      } catch (error) {
        for (const target of targets) target.abandon();
        throw error;
      }
    },
  );
}

async function fill(
  options: BuildSftOptions,
  targets: readonly SftTarget[],
  { root, rejects, context, files, onChunk }: BuildFolder<SftReject>,
): Promise<BuiltDataset> {
  const rows = new InputRows(files), seen = new SeenIds();
  const models = new Set<string>(), repairs = new Map<string, number>();
  const proof = options.twins ? new TwinProof() : undefined;
  const said = new Set<string>();
  let kept = 0;
  const evaluation = new InputRows(files);
  const filter = await PromptFilter.open(options, {
    signal: context.signal,
    onRow: (where) => evaluation.add(where),
  });
  const reading = { ...readingOf(options), repairs, signal: context.signal, onChunk };
  for await (const { where, ...record } of readTeacherRecords(options.in, reading)) {
    rows.add(where);
    const { id } = record;
    // The public builder keeps the first row of an id, whatever the others hold.
    const content = options.compat ? [] : textsOf(record);
    if (!seen.add(id, content, where)) continue;
    const made = await makeRows(record, options, targets, filter);
    if ("reason" in made) {
      const { reason, detail } = made;
      rejects.add(id, made, where);
      if (reason.startsWith("template_") || reason === "prompt_not_prefix") {
        if (!said.has(detail)) context.log(`build-sft: ${where}: ${reason}: ${detail}`);
        said.add(detail);
      }
      continue;
    }
    models.add(record.model);
    for (const [index, target] of targets.entries()) {
      await target.write(record, made.rows[index]!);
      proof?.add(target.format, record, made.rows[index]!.turn, target.folder);
    }
    kept++;
  }
  if (kept === 0) {
    throw new InputError(
      `${wordsOf(options.in)}: no reply could be kept; the first: ${rejects.first ?? "no rows"}`,
    );
  }
  const leaves: DatasetLeaf[] = [];
  for (const target of targets) {
    const { configs, files, plot } = await target.close();
    leaves.push({
      plot,
      folder: target.folder,
      configs,
      card: sftCard(target, options),
      files: options.saveToDisk
        ? [...files, ...describeArrow(join(root, target.folder), configs[0]!)]
        : files,
    });
  }
  return {
    leaves,
    counts: { input: seen.size, kept, duplicates: seen.duplicates },
    rows: new Map([...evaluation.rows, ...rows.rows]),
    models: [...models].sort(),
    extra: {
      datasets: targets.map(({ folder, format, tokenizer, variant }) => ({
        folder: folder || ".",
        tokenizer: tokenizer.name,
        variant,
        format,
        rows: kept,
      })),
      repairs: Object.fromEntries([...repairs].sort()),
      ...(proof === undefined ? {} : { twins: proof.result() }),
    },
  };
}

/** All texts of a record that a row is made of. */
function textsOf({ messages, thought, response }: TeacherRecord): string[] {
  const turns = messages.flatMap(({ role, content }) => [role, content]);
  return thought === null ? [...turns, response] : [...turns, response, thought];
}

type MadeRow = Awaited<ReturnType<SftTarget["row"]>> & { reason: null };

/** The record's row for every target, or why one of them cannot have it. */
async function makeRows(
  record: TeacherRecord,
  options: BuildSftOptions,
  targets: readonly SftTarget[],
  filter: PromptFilter,
): Promise<{ rows: MadeRow[] } | Rejection<SftReject>> {
  const fault = recordFault(record, options);
  if (fault !== null) return fault;
  const rows: MadeRow[] = [];
  for (const target of targets) {
    const row = await target.row(record);
    if (row.reason !== null) return row;
    rows.push(row);
  }
  return filter.check(record.id, record.messages) ?? { rows };
}

/** What is wrong with a record whatever the target. */
function recordFault(
  record: TeacherRecord,
  options: BuildSftOptions,
): Rejection<SftReject> | null {
  const { id, source, messages, thought, response, finish_reason, thought_flags } = record;
  if (finish_reason !== "stop") {
    return { reason: "not_finished", detail: `the reply ended by ${finish_reason}` };
  }
  const texts = [id, source, ...messages.map(({ content }) => content), thought ?? "", response];
  if (!texts.every((text) => text.isWellFormed())) {
    return { reason: "invalid_unicode", detail: "half a surrogate pair" };
  }
  if (options.dropFlagged && (thought_flags?.length ?? 0) > 0) {
    return { reason: "flagged", detail: thought_flags!.join(", ") };
  }
  if (options.compat === undefined) return null;
  if (messages.length !== 1 || messages[0]!.content === "") {
    return { reason: "not_single_turn", detail: `${messages.length} messages before the reply` };
  }
  const own = options.variant === "think" ? `${thought ?? ""}\n${response}` : response;
  if (/<\/?(think|response)>/.test(own)) {
    return { reason: "unexpected_tag", detail: "a tag in the thought or the response" };
  }
  return null;
}

async function sftTargets(options: BuildSftOptions): Promise<SftTarget[]> {
  const tokenizers = await Promise.all(
    options.tokenizer.map(parseTokenizerFlag).map(openTokenizer),
  );
  const names = new Set(tokenizers.map(({ name }) => name));
  if (names.size < tokenizers.length) {
    throw new InputError("--tokenizer: two have the same name: give each as NAME=DIR");
  }
  if (options.compat && options.twins) {
    throw new InputError("--twins: not with --compat rlmt, whose sets are of one variant each");
  }
  if (!options.twins) {
    return tokenizers.map((tokenizer) =>
      new SftTarget(
        tokenizer,
        options.variant,
        tokenizers.length === 1 ? "" : tokenizer.name,
        options.compat,
      )
    );
  }
  return Variant.options.flatMap((variant) => {
    const fitting = tokenizers.filter(({ prompted }) => prompted === null || prompted === variant);
    if (fitting.length === 0) {
      throw new InputError(
        `--twins: no --tokenizer for the variant ${variant}: a prompted model's serves its own ` +
          `variant alone, so give one of each`,
      );
    }
    return fitting.map((tokenizer) =>
      new SftTarget(
        tokenizer,
        variant,
        fitting.length === 1 ? variant : `${variant}/${tokenizer.name}`,
        undefined,
      )
    );
  });
}
