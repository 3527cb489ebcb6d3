/** Prompts for RL, in the schema that verl's trainers read. */
import type { z } from "zod";
import { canonicalJson } from "../../core/canonical.ts";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { parseOptions } from "../../core/options.ts";
import { type BadRow, orBadRow } from "../../io/bad_rows.ts";
import { wordsOf } from "../../io/input_files.ts";
import { KeptColumns } from "../../io/kept_columns.ts";
import { needsJson } from "../../io/message_values.ts";
import { promptFault } from "../../io/messages.ts";
import { type LocatedPrompt, objectOf, promptOfRow } from "../../io/read_prompts.ts";
import { readRows } from "../../io/read_rows.ts";
import type { BuildFolder } from "../build/build_folder.ts";
import type { BuildInput } from "../build/build_input.ts";
import { buildPlan } from "../build/build_plan.ts";
import { buildDataset, type DatasetResult } from "../build/dataset_folder.ts";
import type { BuiltDataset } from "../build/dataset_leaf.ts";
import { SpooledRows } from "../build/spooled_rows.ts";
import { promptRow, promptTexts, RL_COLUMNS } from "./prompt_rows.ts";
import { BuildRlOptions, type RlReject, type RlSettings } from "./rl_options.ts";

export { BuildRlOptions } from "./rl_options.ts";

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
  return await buildDataset<RlReject>(plan, context, async (input, folder) => {
    const rows = new SpooledRows(folder.root);
    try {
      await read(given, input, rows);
      return await write(given, folder, rows);
    } finally {
      rows.close();
    }
  });
}

async function read(
  options: RlSettings,
  input: BuildInput<RlReject>,
  rows: SpooledRows,
): Promise<void> {
  for await (const item of input.items(readRlRows(options, input), contentOf)) {
    const { messages, truth, extra } = item;
    const fault = promptFault(item);
    const rejected = fault !== null
      ? { reason: fault, detail: "" }
      : needsJson(item)
      ? { reason: "tools_not_taken" as const, detail: "rows for RL hold turns of text alone" }
      : truth === null
      ? { reason: "no_ground_truth" as const, detail: `${options.groundTruthKey} is not there` }
      : input.filter(item.id, messages);
    if (rejected !== null) input.reject(item, rejected);
    else rows.add(messages, [promptTexts({ ...item, truth: truth ?? "" })], extra);
  }
  const { validation, prompts } = options;
  if (rows.prompts > validation) return;
  throw new InputError(
    `${wordsOf(prompts)}: ${rows.prompts} prompts are left, and --validation ${validation} of ` +
      `them would leave none to train on`,
  );
}

async function write(
  options: RlSettings,
  folder: BuildFolder<RlReject>,
  spooled: SpooledRows,
): Promise<BuiltDataset> {
  const { seed, validation, saveToDisk, license, dataSource, ability } = options;
  const { config, files, rows } = await spooled.write(folder, {
    seed,
    train: spooled.prompts - validation,
    grouped: true,
    saveToDisk,
    columns: { ...RL_COLUMNS, ...spooled.extra.columns(RL_COLUMNS) },
    row: (texts, place) => promptRow(texts, place, options, spooled.extra),
  });
  return {
    leaves: [{
      folder: "",
      configs: [config],
      card: {
        title: "Prompts for RL",
        about: "Prompts in verl's schema.",
        license,
        tags: ["rl", "verl"],
        settings: [["data source", dataSource], ["ability", ability]],
      },
      files,
    }],
    kept: spooled.prompts,
    models: [],
    extra: rows,
  };
}

/** A prompt and its right answer. */
type RlPrompt = LocatedPrompt & { truth: string | null };

/** The prompts, with a row that is none in its place. */
async function* readRlRows(
  options: RlSettings,
  { reading }: BuildInput<RlReject>,
): AsyncGenerator<RlPrompt | BadRow> {
  const { promptKey, groundTruthKey, prompts } = options;
  const kept = new KeptColumns(options.keep);
  for await (const row of readRows(prompts, { ...reading, badLines: true })) {
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
