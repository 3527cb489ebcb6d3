/** What trainers would learn of a dataset. */
import { join } from "node:path";
import type { StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { isFolder } from "../core/file_kind.ts";
import { readRows } from "../io/rows/read_rows.ts";
import { writeTrainingFile } from "../io/records/training_file.ts";
import { RowsProgress } from "../run/rows_progress.ts";
import { ALL_SPLITS } from "../io/inputs/splits.ts";
import { checkRows } from "./check_rows.ts";
import { checkSection } from "./check_section.ts";
import { maskLines } from "./mask_view.ts";
import { type OpenedTokenizer, openTrainingTokenizer } from "./open_tokenizer.ts";
import { Summary, type TrainingCheck } from "./summary.ts";
import type { Trainer } from "./trainer.ts";
import { checkNames, namedValues } from "./trainer_settings.ts";
import { trainerNamed } from "./trainers.ts";
import type { CheckTrainingSettings } from "./training_options.ts";
import { type TrainingRow, trainingRow } from "./training_row.ts";

/** What all trainers make of the dataset. */
export interface CheckedTraining {
  /** One a trainer, in the order in which they were named. */
  checks: TrainingCheck[];
  /** No trainer's rows break a rule that was not allowed. */
  ok: boolean;
}

/**
 * Renders and masks every row as each trainer does, and asks what is learnt. `print` takes the
 * tokens of the row that is to be shown.
 */
export async function checkTraining(
  options: CheckTrainingSettings,
  context: StageContext,
  print: (line: string) => void = console.log,
): Promise<CheckedTraining> {
  const tokenizer = await openTrainingTokenizer(options.tokenizer, context);
  const findings = options.out === undefined ? undefined : await Deno.create(options.out);
  const set = namedValues(options.set);
  checkNames(set, options.trainer.map(trainerNamed));
  const checks: TrainingCheck[] = [];
  try {
    for (const name of options.trainer) {
      checks.push(
        await checkOne(trainerNamed(name), options, set, tokenizer, context, findings, print),
      );
    }
  } finally {
    findings?.close();
  }
  if (options.save) {
    const path = await writeTrainingFile(options.in, [checkSection(checks)]);
    context.log(`check-training: kept in ${path}`);
  }
  return { checks, ok: checks.every(({ ok }) => ok) };
}

async function checkOne(
  trainer: Trainer,
  options: CheckTrainingSettings,
  set: Readonly<Record<string, string>>,
  tokenizer: OpenedTokenizer,
  context: StageContext,
  findings: Deno.FsFile | undefined,
  print: (line: string) => void,
): Promise<TrainingCheck> {
  const path = folderOf(options, trainer);
  const maxLength = options.maxLength ?? trainer.maxLength;
  const { assistantOnlyLoss, allow, show, limit } = options;
  const opened = await trainer.open(tokenizer, { maxLength, assistantOnlyLoss, set });
  const { template } = opened;
  const summary = new Summary(trainer, { path, maxLength, template }, allow);
  const progress = new RowsProgress(context, `check-training: ${trainer.name}`);
  let count = 0;
  const rows = rowsOf(path, options.split, limit, progress, context.signal);
  for await (const checked of checkRows(rows, opened, tokenizer)) {
    count++;
    summary.add(checked);
    const { row: { id, where }, faults } = checked;
    for (const fault of faults) {
      const line = JSON.stringify({ trainer: trainer.name, id, where, ...fault });
      findings?.writeSync(new TextEncoder().encode(`${line}\n`));
    }
    if (show === id || show === String(count)) {
      const color = !context.env("NO_COLOR") && Deno.stdout.isTerminal();
      progress.end();
      for (const line of maskLines(checked, { color })) print(line);
    }
  }
  return summary.result();
}

/** The folder of the dataset's configuration that a trainer reads. */
function folderOf({ in: path, config }: CheckTrainingSettings, trainer: Trainer): string {
  const wanted = config ?? trainer.sftConfig;
  if (wanted === "default") return path;
  const folder = join(path, wanted);
  if (isFolder(folder)) return folder;
  if (config !== undefined) throw new InputError(`${path}: no configuration ${config} (--config)`);
  return path;
}

async function* rowsOf(
  path: string,
  split: string,
  limit: number | undefined,
  progress: RowsProgress,
  signal: AbortSignal,
): AsyncGenerator<TrainingRow> {
  let left = limit ?? Infinity;
  try {
    for await (const { row, where } of readRows(path, { split: split || ALL_SPLITS, signal })) {
      if (left-- === 0) return;
      const read = trainingRow(row, where);
      if (typeof read === "string") throw new InputError(`${where}: ${read}`);
      progress.row();
      yield read;
    }
  } finally {
    progress.end();
  }
}
