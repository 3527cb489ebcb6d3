/** Reads inputs into what an explorer shows: columns for the page, texts for the store. */
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { REJECT_REASONS } from "../core/reject_reasons.ts";
import type { InputFilesOptions } from "../io/inputs/input_files.ts";
import { ALL_SPLITS } from "../io/inputs/splits.ts";
import type { StageFacts } from "../run/define_stage.ts";
import { RowsProgress } from "../run/rows_progress.ts";
import { shellQuote } from "../launch/shell_quote.ts";
import type { ExplorerData, RunInfo } from "./columns.ts";
import type { ExploreOptions } from "./explore_options.ts";
import { type Explored, exploredOf } from "./explored.ts";
import { GroupColumns } from "./group_columns.ts";
import { Pairer, pairingRules, rulesInWords, scoreInWords } from "./pairing.ts";
import { readGroups, type ReadGroupsOptions } from "./read_groups.ts";
import { openRowMasks, type RowMasks } from "../training/row_masks.ts";
import { TextStore } from "./text_store.ts";

/** What was read. */
export interface Loaded {
  data: ExplorerData;
  store: TextStore;
  /** What a trainer learns of a dataset's rows, where a tokenizer was given. */
  masks: RowMasks | null;
}

/** Options of {@link load}. */
export type LoadOptions = Pick<
  ExploreOptions,
  "in" | "split" | "config" | "revision" | "title" | "format" | "tokenizer" | "trainer"
>;

/**
 * Reads everything once, in memory bounded by some dozen bytes a reply.
 *
 * @throws {InputError} where an input cannot be read, or holds no reply.
 */
export async function load(
  options: LoadOptions,
  context: StageContext,
  stages: readonly StageFacts[],
): Promise<Loaded> {
  const paths = [options.in].flat();
  const { explored, rules, leftOut } = await exploredOf(paths, stages, readingOf(options));
  const ofRuns = new Pairer(pairingRules(rules));
  // What is no run of score-responses has one score a reply, on a scale of its own.
  const ofOthers = new Pairer({ ...ofRuns.rules, score: "score" });
  const columns = new GroupColumns(scoreInWords(ofRuns.rules));
  const masks = options.tokenizer === undefined ? null : await openRowMasks(
    { tokenizer: options.tokenizer, trainer: options.trainer ?? "trl" },
    context,
  );
  await using opened = new AsyncDisposableStack();
  const store = opened.use(await TextStore.open());
  const progress = new RowsProgress(context, "explore");
  try {
    const reading = { ...readingOf(options), format: options.format, signal: context.signal };
    if (ofRuns.needsAll) await addScored(explored, ofRuns, reading);
    const runs: RunInfo[] = [];
    for (const [index, input] of explored.entries()) {
      const pairer = input.kind === "scored" ? ofRuns : ofOthers;
      for await (const group of readGroups(input, reading)) {
        const { record, extra, datasetRow } = group;
        const { pairing, whys } = pairer.pair(record, group.pairing);
        const by = record.responses.map((reply) => pairer.scoreOf(reply));
        const roles = columns.add({ ...group, pairing, by }, input.name);
        const noPair = pairing.reason === null ? null : REJECT_REASONS[pairing.reason];
        store.add({
          record,
          run: index,
          extra,
          noPair,
          roles,
          whys,
          by,
          datasetRow: masks && datasetRow ? textOf(datasetRow) : null,
        });
        progress.row();
      }
      const { name, path, kind } = input;
      runs.push({ name, path, word: shellQuote(path), kind });
    }
    if (columns.replies === 0) {
      throw new InputError(`${paths.join(", ")}: no replies in there`);
    }
    await store.close();
    const title = options.title ?? explored.map(({ name }) => name).join(", ");
    const built = columns.build();
    const notes = [...leftOut, ...built.notes];
    const data = {
      title,
      runs,
      pairing: rulesInWords(ofRuns.rules),
      ...built,
      trainer: masks?.trainer ?? null,
      notes,
    };
    opened.move();
    return { data, store, masks };
  } finally {
    progress.end();
  }
}

/** How inputs are read: all splits of them, finished or not. */
function readingOf({ split = ALL_SPLITS, config, revision }: LoadOptions): InputFilesOptions {
  return { allowPartial: true, split, config, revision };
}

/** A row as JSON; whole numbers of Parquet files are BigInts. */
function textOf(row: Record<string, unknown>): string {
  return JSON.stringify(row, (_, value) => typeof value === "bigint" ? Number(value) : value);
}

/** Reads the scored runs a first time, for the means and deviations of their scores. */
async function addScored(
  explored: readonly Explored[],
  pairer: Pairer,
  options: ReadGroupsOptions,
): Promise<void> {
  for (const input of explored.filter(({ kind }) => kind === "scored")) {
    for await (const { record } of readGroups(input, options)) pairer.add(record);
  }
}
