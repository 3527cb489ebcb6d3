/** One shard of a stage: its input surveyed, what is pending done, its files and manifest left in order. */
import { dirname } from "node:path";
import type { StageContext } from "../core/context.ts";
import { RunError } from "../core/errors.ts";
import { makeFolder } from "../core/make_folder.ts";
import type { Counts, Manifest } from "../core/manifest.ts";
import { changedInput } from "../io/inputs/hash_inputs.ts";
import { Outcomes } from "./outcomes.ts";
import { Ledger } from "./ledger.ts";
import { checkOtherShards } from "./other_run.ts";
import { PendingWork } from "./pending_work.ts";
import { Progress } from "./progress.ts";
import type { RunFolder } from "./run_folder.ts";
import { manifestOf } from "./run_manifest.ts";
import { type Ending, firstLine, lastLine, nothingKept } from "./said.ts";
import { mergeShardManifests, writeManifest } from "./shard_manifests.ts";
import type { RunResult, StageRun } from "./stage_run.ts";

/** Runs a shard once; the lock is held by the caller. */
export class Runner<I extends { id: string; where?: string }, R extends { id: string }> {
  /** Aborted with what ends the run before its input does. */
  readonly #stop = new AbortController();
  readonly #ledger: Ledger<I>;
  readonly #outcomes: Outcomes<I, R>;
  readonly #startedAt: string;

  constructor(
    readonly stage: StageRun<I, R>,
    readonly context: StageContext,
    readonly folder: RunFolder,
    readonly fingerprint: string,
    readonly before: Manifest | undefined,
  ) {
    this.#startedAt = new Date(context.now()).toISOString();
    this.#ledger = new Ledger<I>(folder, {
      fingerprint,
      content: stage.content,
      shard: stage.shard,
      limit: stage.limit,
      inputs: stage.inputs.map((input) => input.path),
      maxBadRows: stage.maxBadRows ?? 0.01,
      retryRejects: stage.retryRejects ?? [],
    }, context.log);
    const stop = (reason: RunError) => this.#stop.abort(reason);
    this.#outcomes = new Outcomes(stage, folder.files, this.#ledger, context.log, stop);
  }

  /** Surveys the input, does what is pending, and leaves files and manifest in order. */
  async run(): Promise<RunResult> {
    const { stage, fingerprint } = this, ledger = this.#ledger;
    try {
      await ledger.survey(stage.read());
      const changed = await this.#changedInput();
      if (changed !== undefined) throw changed;
      const start = ledger.counts();
      this.#writeManifest("running");
      checkOtherShards(stage, fingerprint);
      if (start.pending > 0) await this.#work(start);
      return await this.#conclude(await this.#changedInput(), start.pending === 0);
    } finally {
      ledger.close();
    }
  }

  /** The error for input that is another now than when it was hashed: what is done is saved. */
  async #changedInput(): Promise<RunError | undefined> {
    const path = await changedInput(this.stage.inputs);
    if (path === undefined) return undefined;
    return new RunError(`${path}: changed while it was read: what is done is saved, run again`);
  }

  async #work(start: Counts): Promise<void> {
    const { stage, context, folder: { group: { failed } } } = this, stop = this.#stop;
    if (context.progress !== "none") context.log(firstLine(stage.stage, stage.out, start));
    const progress = new Progress(context, stage.stage, start);
    const work = new PendingWork(stage, context, this.#ledger, this.#outcomes, progress, stop);
    const onAbort = () => stop.abort(context.signal.reason);
    const onFailed = () => {
      stop.abort(failed.reason);
      work.end();
    };
    context.signal.addEventListener("abort", onAbort, { once: true });
    failed.addEventListener("abort", onFailed, { once: true });
    if (context.signal.aborted) onAbort();
    if (failed.aborted) onFailed();
    try {
      await work.run();
    } finally {
      context.signal.removeEventListener("abort", onAbort);
      failed.removeEventListener("abort", onFailed);
      progress.end();
    }
  }

  /** Puts files and manifests in order, says what the run came to, and throws what ended it. */
  async #conclude(changed: RunError | undefined, hadNothingToDo: boolean): Promise<RunResult> {
    const { stage, context, folder } = this, outcomes = this.#outcomes;
    const { aborted, reason } = this.#stop.signal;
    const isEnded = aborted || changed !== undefined, end = aborted ? reason : changed;
    const settled = await this.#settled(changed !== undefined).catch((error) => {
      // Where putting things in order fails too, what ended the run is told.
      throw isEnded ? end : error;
    });
    const { manifest, whole, firstReject } = settled;
    const ending: Ending = isEnded || manifest.status !== "done"
      ? "stopped"
      : hadNothingToDo
      ? "nothing to do"
      : "done";
    if (context.progress !== "none") {
      context.log(lastLine(ending, stage.out, manifest, whole));
    }
    if (isEnded) throw end;
    if (outcomes.failedCount > 0) {
      const { id, error } = outcomes.failed[0]!;
      throw new RunError(
        `${outcomes.failedCount} item(s) could not be done (the first: ${id}: ${error}); the rest is ` +
          `saved in ${stage.out}, run again to try them`,
      );
    }
    // One that began at the same time had no records to be told by then.
    checkOtherShards(stage, this.fingerprint);
    const { counts } = manifest;
    if (stage.shard.count === 1 && counts.kept === 0 && counts.input > 0) {
      throw new RunError(nothingKept(manifest, folder.files.rejects, firstReject));
    }
    return { out: stage.out, manifest, worked: outcomes.worked };
  }

  /** `isOther`: the input that was surveyed is not the one that is there, so that nothing is done. */
  async #settled(isOther: boolean): Promise<ReturnType<typeof manifestOf> & { whole: Manifest }> {
    const { folder: { freeSpareFiles, group, disk }, stage: { out, shard } } = this;
    freeSpareFiles();
    group.syncNow();
    this.#ledger.settle();
    const isDone = this.#ledger.counts().pending === 0 && !isOther;
    const written = this.#writeManifest(isDone ? "done" : "partial");
    const whole = await mergeShardManifests(out, shard, written.manifest, disk);
    return { ...written, whole };
  }

  #writeManifest(status: Manifest["status"]): ReturnType<typeof manifestOf> {
    const { stage, context, fingerprint } = this;
    const written = manifestOf(stage, this.#ledger, {
      fingerprint,
      status,
      failed: this.#outcomes.failed,
      startedAt: this.before?.started_at ?? this.#startedAt,
      endedAt: status === "running" ? null : new Date(context.now()).toISOString(),
    });
    const { files, disk } = this.folder;
    makeFolder(dirname(files.manifest), disk);
    writeManifest(files.manifest, written.manifest, disk);
    return written;
  }
}
