/** The stage runner: every prompt ends kept, rejected with a reason, or pending. */
import { canonicalJson, type Json, sha256 } from "../core/canonical.ts";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError } from "../core/errors.ts";
import type { Manifest } from "../core/manifest.ts";
import { manifestToResume, type RunFiles } from "./run_files.ts";
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
    const differs = before !== undefined && before.fingerprint !== fingerprint;
    if (differs && (before.stage !== run.stage || holdsWork(files))) throw otherRun(run, before);
    return await new Runner(run, context, folder, fingerprint, before).run();
  } finally {
    if (!run.folder) folder.close();
  }
}

/** False for a run that ended before its first record: it binds nobody to its options. */
function holdsWork({ records, rejects }: RunFiles): boolean {
  return [records, rejects].some((path) => {
    try {
      return Deno.statSync(path).size > 0;
    } catch {
      return false;
    }
  });
}

function otherRun<I extends { id: string; where?: string }, R extends { id: string }>(
  run: StageRun<I, R>,
  before: Manifest,
): InputError {
  if (before.stage !== run.stage) {
    return new InputError(`${run.out}: holds a ${before.stage} run: choose another --out`);
  }
  const now = run.options;
  const changed = Object.keys(run.affects).filter((name) =>
    name in before.options && name in now &&
    canonicalJson(before.options[name] as Json) !== canonicalJson(now[name] ?? null)
  );
  const what = changed.length === 0
    ? "other settings"
    : changed.map((name) =>
      `${name} ${JSON.stringify(before.options[name])} (now ${JSON.stringify(now[name] ?? null)})`
    ).join(", ");
  return new InputError(
    `${run.out}: holds a run with ${what}: choose another --out, or remove it`,
  );
}
