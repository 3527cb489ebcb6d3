/** Prompts for RL, in the schema that verl's trainers read. */
import { join } from "node:path";
import type { z } from "zod";
import { canonicalJson } from "../../core/canonical.ts";
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { parseOptions } from "../../core/options.ts";
import { type BadRow, orBadRow } from "../../io/bad_rows.ts";
import { ExtraColumns } from "../../io/extra_columns.ts";
import { KeptColumns } from "../../io/kept_columns.ts";
import { wordsOf } from "../../io/input_files.ts";
import { readingOf } from "../../io/input_options.ts";
import { promptFault } from "../../io/messages.ts";
import { type LocatedPrompt, objectOf, promptOfRow } from "../../io/read_prompts.ts";
import { readRows } from "../../io/read_rows.ts";
import { BuildInput } from "../build/build_input.ts";
import { buildPlan } from "../build/build_plan.ts";
import { buildDataset, type BuildFolder, type DatasetResult } from "../build/dataset_folder.ts";
import type { BuiltDataset } from "../build/dataset_leaf.ts";
import { writeSplits } from "../build/write_splits.ts";
import { PromptGroups } from "../split/prompt_groups.ts";
import { PromptSpool, RL_COLUMNS } from "./prompt_spool.ts";
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
  return await buildDataset<RlReject>(plan, context, async (folder) => {
    const spool = new PromptSpool(join(folder.root, ".prompts"));
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
  spool: PromptSpool,
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
    spool.append({ id, source, messages, truth: truth ?? "", extra: item.extra });
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
  const splits = [{ name: "train", order: sides.train }];
  if (options.validation > 0) splits.push({ name: "validation", order: sides.validation });
  const { config, files } = await writeSplits({
    root,
    columns: { ...RL_COLUMNS, ...extra.columns(RL_COLUMNS) },
    splits,
    saveToDisk: options.saveToDisk,
    signal: folder.context.signal,
    row: (place, split, at) => spool.row(place, { split, at, options, extra }),
  });
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
      files,
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
