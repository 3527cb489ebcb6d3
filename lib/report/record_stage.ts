/** A stage of records from its start to its page: what it opens is closed, whatever happens. */
import type { StageContext } from "../core/context.ts";
import type { RecordsLeft, StageFacts } from "../run/define_stage.ts";
import type { RunInput } from "../run/record_run.ts";
import { openRunFolder, type RunFolder } from "../run/run_folder.ts";
import { type RunResult, runStage, type StageRun } from "../run/run_stage.ts";
import { writeOwnReport } from "./own_report.ts";

/** What a stage tells of a run once its model is open. */
export type OwnRun<I extends { id: string; where?: string }, R extends { id: string }> =
  & Omit<
    StageRun<I, R>,
    keyof RunInput<I> | "stage" | "folder" | "record" | "reasons" | "tally"
  >
  /** Where an option is only known by now. */
  & Partial<Pick<StageRun<I, R>, "options">>;

/** What a stage opens for its run. */
export interface Opening {
  /** OUT, locked until the end: for a stage that keeps files of its own there. */
  folder(): RunFolder;
  /** Has this closed at the end, before all that was opened earlier. */
  closing<T extends Closable>(opened: T): T;
}

interface Closable {
  close(): unknown;
}

/**
 * Runs a stage over its input; see `runStage`. `open` opens what it needs and tells the rest of the
 * run; `first` is given the whole run before it begins.
 */
export async function runRecords<
  I extends { id: string; where?: string },
  R extends { id: string },
>(
  { stage, context }: { stage: StageFacts; context: StageContext },
  input: RunInput<I>,
  open: (opening: Opening) => OwnRun<I, R> | Promise<OwnRun<I, R>>,
  first?: (run: StageRun<I, R>) => Promise<void>,
): Promise<RunResult> {
  const { kind, record, tally } = stage.leaves as RecordsLeft;
  const opened = new AsyncDisposableStack();
  const closing = <T extends Closable>(it: T) =>
    opened.adopt(it, async () => void await it.close());
  let folder: RunFolder | undefined;
  try {
    const own = await open({
      folder: () => folder ??= closing(openRunFolder(input.out, input.shard, context.disk)),
      closing,
    });
    const facts = { stage: stage.name, record, reasons: stage.rejects, tally };
    const run = { ...input, ...facts, ...own, folder };
    await first?.(run);
    const result = await runStage(run, context);
    await writeOwnReport(input.out, kind, result.worked > 0, context);
    return result;
  } finally {
    // The last one first; one that fails keeps none of the others open.
    await opened.disposeAsync();
  }
}
