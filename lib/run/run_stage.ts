/** The stage runner: every prompt ends kept, rejected with a reason, or pending. */
import { canonicalJson, sha256 } from "../core/canonical.ts";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import { checkOtherShards, checkSameRun, holdsWork } from "./other_run.ts";
import { manifestToResume } from "./shard_manifests.ts";
import { openRunFolder } from "./run_folder.ts";
import { Runner } from "./runner.ts";
import type { RunResult, StageRun } from "./stage_run.ts";

export type { ItemOutcome, RunResult, StageRun, Tally } from "./stage_run.ts";

/**
 * Runs a stage over its input, once for each item however often it is started.
 *
 * The input is read once to check and count it (ids, duplicates, shards), then again to work. Each
 * record is appended as it is made; at the end the file is put into input order, so that equal runs
 * leave equal bytes. What is done already is told by key: a hash over all that affects the record.
 *
 * Throws `InputError` for bad input or an OUT of another run, `LimitReached` and `RunError` when
 * the run ends early (everything finished is saved), and the signal's reason after a stop.
 */
export async function runStage<I extends { id: string; where?: string }, R extends { id: string }>(
  run: StageRun<I, R>,
  overrides: Partial<StageContext> = {},
): Promise<RunResult> {
  const context = defaultContext(overrides);
  const folder = run.folder ?? openRunFolder(run.out, run.shard, context.disk);
  try {
    const { files } = folder;
    const before = manifestToResume(files, context.log, context.disk);
    const fingerprint = sha256(canonicalJson({ stage: run.stage, ...run.affects })).slice(0, 16);
    checkRetries(run);
    if (before && (before.stage !== run.stage || holdsWork(files))) {
      checkSameRun(run, fingerprint, before);
    }
    checkOtherShards(run, fingerprint);
    return await new Runner(run, context, folder, fingerprint, before).run();
  } finally {
    if (!run.folder) folder.close();
  }
}

/** A reason that the stage does not know is a slip of the pen: nothing would be done again. */
function checkRetries({ retryRejects = [], reasons }: Pick<AnyRun, "retryRejects" | "reasons">) {
  const unknown = retryRejects.find((reason) => reason !== "all" && !reasons.includes(reason));
  if (unknown === undefined) return;
  throw new InputError(`--retry-rejects ${unknown}: give one of ${reasons.join(", ")}, or all`);
}

type AnyRun = StageRun<{ id: string }, { id: string }>;
