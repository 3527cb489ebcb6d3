/** Prompts for RL, in the schema that verl's trainers read. */
import { join } from "node:path";
import type { z } from "zod";
import { canonicalJson } from "../../core/canonical.ts";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { parseOptions } from "../../core/options.ts";
import { type Columns, MESSAGES, type Value } from "../../io/columns.ts";
import { type BadRow, orBadRow } from "../../io/bad_rows.ts";
import { ExtraColumns } from "../../io/extra_columns.ts";
import { KeptColumns } from "../../io/kept_columns.ts";
import type { Extra } from "../../core/records.ts";
import { wordsOf } from "../../io/input_files.ts";
import { readingOf } from "../../io/input_options.ts";
import { promptFault } from "../../io/messages.ts";
import { type LocatedPrompt, objectOf, promptOfRow } from "../../io/read_prompts.ts";
import { readRows } from "../../io/read_rows.ts";
import { RowSpool } from "../../io/row_spool.ts";
import { BuildInput } from "../build/build_input.ts";
import { buildPlan } from "../build/build_plan.ts";
import { ConfigWriter, DEFAULT_CONFIG, describeArrow } from "../build/dataset_config.ts";
import {
  buildDataset,
  type BuildFolder,
  type BuiltDataset,
  type DatasetResult,
} from "../build/dataset_folder.ts";
import { PromptGroups } from "../split/prompt_groups.ts";
import { BuildRlOptions, type RlReject, type RlSettings } from "./rl_options.ts";

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
  const plan = buildPlan("build-rl", "rl", given, { paths: given.prompts, seed: given.seed });
  return await buildDataset<RlReject>(plan, context, async (folder) => {
    const spool = new RowSpool(join(folder.root, ".prompts"));
    try {
      return await build(given, folder, spool);
    } finally {
      spool.close();
    }
  });
}

async function build(
  options: RlSettings,
  folder: BuildFolder<RlReject>,
  spool: RowSpool,
): Promise<BuiltDataset> {
  const { root } = folder;
  const input = await BuildInput.open<RlReject>(options, folder);
  const groups = new PromptGroups(), extra = new ExtraColumns();
  const rows = readRlRows(options, folder);
  for await (const item of input.items(options.prompts, rows, contentOf)) {
    const { id, source, messages, truth } = item;
    const fault = promptFault(item);
    const rejected = fault !== null
      ? { reason: fault, detail: "" }
      : truth === null
      ? { reason: "no_ground_truth" as const, detail: `${options.groundTruthKey} is not there` }
      : input.filter(id, messages);
    if (rejected !== null) {
      input.reject(item, rejected);
      continue;
    }
    const turns = messages.flatMap(({ role, content }) => [role, content]);
    spool.append([id, source, truth ?? "", JSON.stringify(item.extra ?? null), ...turns]);
    extra.add(item.extra);
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
    { name: DEFAULT_CONFIG, columns: { ...RL_COLUMNS, ...extra.columns(RL_COLUMNS) } },
    splits,
    options.saveToDisk,
  );
  try {
    for (const [part, order] of parts.entries()) {
      for (const [index, row] of order.entries()) {
        const texts = spool.read(row);
        const own = rlRow(texts, splits[part]!, index, options);
        await writer.split(part).write({ ...own, ...extra.valuesOf(extraOf(texts)) });
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
    counts: input.counts(kept),
    rows: input.rows,
    models: [],
    extra: { train: sides.train.length, validation: sides.validation.length },
  };
}

/** A prompt and its right answer. */
type RlPrompt = LocatedPrompt & { truth: string | null };

/** The prompts, with a row that is none in its place. */
async function* readRlRows(
  options: RlSettings,
  { context: { signal } }: BuildFolder<RlReject>,
): AsyncGenerator<RlPrompt | BadRow> {
  const { promptKey, groundTruthKey, prompts } = options;
  const kept = new KeptColumns(options.keep);
  for await (const row of readRows(prompts, { ...readingOf(options), signal, badLines: true })) {
    yield orBadRow(row, () => ({
      ...promptOfRow(row, promptKey),
      truth: groundTruth(objectOf(row), groundTruthKey, row.where),
      ...kept.of(row),
    }));
  }
  kept.end(prompts);
}

function contentOf({ messages, truth }: RlPrompt): string[] {
  return [canonicalJson({ messages, truth })];
}

function extraOf([, , , extra]: readonly Uint8Array[]): Extra | undefined {
  return JSON.parse(new TextDecoder().decode(extra)) ?? undefined;
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
  options: RlSettings,
): Record<string, Value> {
  const [id, source, truth, , ...turns] = texts;
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
