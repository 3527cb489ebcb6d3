/** Prompts for RL, in the schema that verl's trainers read. */
import { join } from "node:path";
import type { z } from "zod";
import { canonicalJson } from "../../core/canonical.ts";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { parseOptions } from "../../core/options.ts";
import { type Columns, MESSAGES, type Value } from "../../io/columns.ts";
import { wordsOf } from "../../io/input_files.ts";
import { readingOf } from "../../io/input_options.ts";
import { promptFault } from "../../io/messages.ts";
import { objectOf, promptOfRow } from "../../io/read_prompts.ts";
import { readRows } from "../../io/read_rows.ts";
import { RowSpool } from "../../io/row_spool.ts";
import { ConfigWriter, DEFAULT_CONFIG, describeArrow } from "../build/dataset_config.ts";
import {
  buildDataset,
  type BuildFolder,
  type BuiltDataset,
  type DatasetResult,
} from "../build/dataset_folder.ts";
import { InputRows } from "../build/input_rows.ts";
import { EVALUATION_READING } from "../filter/contamination.ts";
import { PromptFilter } from "../filter/prompt_filter.ts";
import { PromptGroups } from "../split/prompt_groups.ts";
import type { Rejection } from "../build/rejects_file.ts";
import { BuildRlOptions, type RlReject } from "./rl_options.ts";
import { SeenIds } from "../build/seen_ids.ts";

export { BuildRlOptions } from "./rl_options.ts";

/** verl's columns. */
export const RL_COLUMNS: Columns = {
  data_source: "string",
  prompt: MESSAGES,
  ability: "string",
  reward_model: { struct: { style: "string", ground_truth: "string" } },
  extra_info: { struct: { split: "string", index: "int64", id: "string", source: "string" } },
};

const SPLITS = ["train", "validation"];

/**
 * Builds an RL dataset in verl's schema: prompts in NumPy's permuted order, the last `validation`
 * of them held out, equal prompts on one side.
 *
 * @throws {InputError} for bad options or input, an OUT that holds something else, and where no
 * prompt is left.
 */
export async function buildRl(
  options: z.input<typeof BuildRlOptions>,
  context: Partial<StageContext> = {},
): Promise<DatasetResult> {
  const given = parseOptions(BuildRlOptions, options);
  const { prompts, out, overwrite, allowPartial: _, ...affecting } = given;
  return await buildDataset<RlReject>(
    {
      stage: "build-rl",
      kind: "rl",
      out,
      overwrite,
      inputs: [
        { paths: prompts, reading: readingOf(given) },
        { paths: given.decontaminate, reading: EVALUATION_READING },
      ],
      options: given,
      affects: { ...affecting, decontaminate: given.decontaminate.length },
      seed: given.seed,
    },
    context,
    async (folder) => {
      const spool = new RowSpool(join(folder.root, ".prompts"));
      try {
        return await build(given, folder, spool);
      } finally {
        spool.remove();
      }
    },
  );
}

async function build(
  options: BuildRlOptions,
  folder: BuildFolder<RlReject>,
  spool: RowSpool,
): Promise<BuiltDataset> {
  const { root, rejects, context, files } = folder;
  const rows = new InputRows(files), evaluation = new InputRows(files);
  const seen = new SeenIds(), groups = new PromptGroups();
  const filter = await PromptFilter.open(options, {
    signal: context.signal,
    onRow: (where) => evaluation.add(where),
  });
  const reading = { ...readingOf(options), signal: context.signal };
  for await (const located of readRows(options.prompts, reading)) {
    const { where } = located;
    rows.add(where);
    const { where: _, ...prompt } = promptOfRow(located, options.promptKey);
    const { id, source, messages } = prompt;
    const truth = groundTruth(objectOf(located), options.groundTruthKey, where);
    if (!seen.add(id, [canonicalJson({ messages, truth })], where)) continue;
    const fault = promptFault(prompt);
    const rejected: Rejection<RlReject> | null = fault !== null
      ? { reason: fault, detail: "" }
      : truth === null
      ? { reason: "no_ground_truth", detail: `${options.groundTruthKey} is not there` }
      : filter.check(id, messages);
    if (rejected !== null) {
      rejects.add(id, rejected, where);
      continue;
    }
    const turns = messages.flatMap(({ role, content }) => [role, content]);
    spool.append([id, source, truth ?? "", ...turns]);
    groups.add(messages, 1);
  }
  const kept = groups.prompts;
  if (kept <= options.validation) {
    throw new InputError(
      `${
        wordsOf(options.prompts)
      }: ${kept} prompts are left, and --validation ${options.validation} of ` +
        `them would leave none to train on`,
    );
  }
  const sides = groups.split(
    { seed: options.seed, train: kept - options.validation },
    { grouped: true },
  );
  const parts = options.validation === 0 ? [sides.train] : [sides.train, sides.validation];
  const splits = SPLITS.slice(0, parts.length);
  const writer = new ConfigWriter(
    root,
    { name: DEFAULT_CONFIG, columns: RL_COLUMNS },
    splits,
    options.saveToDisk,
  );
  try {
    for (const [part, order] of parts.entries()) {
      for (const [index, row] of order.entries()) {
        await writer.split(part).write(rlRow(spool.read(row), splits[part]!, index, options));
      }
    }
  } catch (error) {
    writer.abandon();
    throw error;
  }
  const config = await writer.close();
  return {
    leaves: [{
      folder: "",
      configs: [config],
      card: {
        title: "Prompts for RL",
        about: "Prompts in verl's schema.",
        license: options.license,
        tags: ["rl", "verl"],
        settings: [["data source", options.dataSource], ["ability", options.ability]],
      },
      files: options.saveToDisk ? describeArrow(root, config) : [],
    }],
    counts: { input: seen.size, kept, duplicates: seen.duplicates },
    rows: new Map([...evaluation.rows, ...rows.rows]),
    models: [],
    extra: { train: sides.train.length, validation: sides.validation.length },
  };
}

/** The right answer as text; "" where no column was named, null where the row lacks it. */
function groundTruth(
  row: Record<string, unknown>,
  key: string | undefined,
  where: string,
): string | null {
  if (key === undefined) return "";
  const value = row[key];
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new InputError(`${where}: ${key}: must be text or a number`);
}

function rlRow(
  texts: readonly Uint8Array[],
  split: string,
  index: number,
  options: BuildRlOptions,
): Record<string, Value> {
  const [id, source, truth, ...turns] = texts;
  const prompt: Record<string, Value>[] = [];
  for (let at = 0; at < turns.length; at += 2) {
    prompt.push({ role: turns[at]!, content: turns[at + 1]! });
  }
  const style = options.groundTruthKey === undefined ? "model" : "rule";
  return {
    data_source: options.dataSource,
    prompt,
    ability: options.ability,
    reward_model: { style, ground_truth: truth! },
    extra_info: { split, index, id: id!, source: source! },
  };
}
