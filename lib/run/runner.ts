/** One shard of a stage at work: slots, retries, time limits, stops, and the manifest. */
import { dirname } from "node:path";
import type { StageContext } from "../core/context.ts";
import { LimitReached, messageOf, ModelError, RunError } from "../core/errors.ts";
import type { Counts, Manifest } from "../core/manifest.ts";
import { changedInput } from "../io/hash_inputs.ts";
import { Bookkeeper } from "./bookkeeper.ts";
import type { Outcome as SlotOutcome } from "./concurrency_limit.ts";
import { ItemCalls } from "./item_calls.ts";
import { Ledger } from "./ledger.ts";
import { checkOtherShards } from "./other_run.ts";
import { makeFolder } from "../core/make_folder.ts";
import { Progress } from "./progress.ts";
import { ATTEMPTS, withRetries } from "./retry.ts";
import { mergeShardManifests, writeManifest } from "./shard_manifests.ts";
import type { RunFolder } from "./run_folder.ts";
import { manifestOf } from "./run_manifest.ts";
import { type Ending, firstLine, lastLine, nothingKept } from "./said.ts";
import type { RunResult, StageRun } from "./stage_run.ts";

/** Runs a shard once; the lock is held by the caller. */
export class Runner<I extends { id: string; where?: string }, R extends { id: string }> {
  #end: unknown;
  #hasOtherInput = false;
  readonly #stop = new AbortController();
  readonly #calls: ItemCalls<I, R>;
  readonly #ledger: Ledger<I>;
  readonly #books: Bookkeeper<I, R>;
  readonly #startedAt: string;

  constructor(
    readonly stage: StageRun<I, R>,
    readonly context: StageContext,
    readonly folder: RunFolder,
    readonly fingerprint: string,
    readonly before: Manifest | undefined,
  ) {
    this.#startedAt = new Date(context.now()).toISOString();
    this.#calls = new ItemCalls(stage);
    this.#ledger = new Ledger<I>(folder, {
      fingerprint,
      content: stage.content,
      shard: stage.shard,
      limit: stage.limit,
      inputs: stage.inputs.map((input) => input.path),
      maxBadRows: stage.maxBadRows ?? 0.01,
      retryRejects: stage.retryRejects ?? [],
    }, context.log);
    const stop = (reason: RunError) => this.#stopWith(reason);
    this.#books = new Bookkeeper(stage, folder.files, this.#ledger, context.log, stop);
  }

  /** Surveys the input, does what is pending, and leaves files and manifest in order. */
  async run(): Promise<RunResult> {
    const { stage, fingerprint } = this, ledger = this.#ledger;
    try {
      await ledger.survey(stage.read());
      await this.#checkInput();
      if (this.#end !== undefined) throw this.#end;
      const start = ledger.counts();
      this.#writeManifest("running");
      checkOtherShards(stage, fingerprint);
      if (start.pending > 0) await this.#work(start);
      await this.#checkInput();
      return await this.#conclude(start.pending === 0);
    } finally {
      ledger.close();
    }
  }

  /** Input that is another now than when it was hashed ends the run, with all that is done saved. */
  async #checkInput(): Promise<void> {
    const path = await changedInput(this.stage.inputs);
    if (path === undefined) return;
    this.#hasOtherInput = true;
    this.#end ??= new RunError(
      `${path}: changed while it was read: what is done is saved, run again`,
    );
  }

  /** Puts files and manifests in order, says what the run came to, and throws what ended it. */
  async #conclude(hadNothingToDo: boolean): Promise<RunResult> {
    const { stage, context, folder } = this, books = this.#books;
    const { manifest, firstReject } = await this.#settled();
    const ending: Ending = this.#end !== undefined || manifest.status !== "done"
      ? "stopped"
      : hadNothingToDo
      ? "nothing to do"
      : "done";
    if (context.progress !== "none") context.log(lastLine(ending, stage.out, manifest));
    if (this.#end !== undefined) throw this.#end;
    if (books.failedCount > 0) {
      const { id, error } = books.failed[0]!;
      throw new RunError(
        `${books.failedCount} item(s) could not be done (the first: ${id}: ${error}); the rest is ` +
          `saved in ${stage.out}, run again to try them`,
      );
    }
    // One that began at the same time had no records to be told by then.
    checkOtherShards(stage, this.fingerprint);
    const { counts } = manifest;
    if (stage.shard.count === 1 && counts.kept === 0 && counts.input > 0) {
      throw new RunError(nothingKept(manifest, folder.files.rejects, firstReject));
    }
    return { out: stage.out, manifest, worked: books.worked };
  }

  /** Where putting things in order fails too, what ended the run is thrown. */
  async #settled(): Promise<ReturnType<typeof manifestOf>> {
    try {
      this.folder.freeSpareFiles();
      this.folder.group.syncNow();
      this.#ledger.settle();
      // The input that was surveyed is not the one that is there: its prompts are not done.
      const isDone = this.#ledger.counts().pending === 0 && !this.#hasOtherInput;
      const written = this.#writeManifest(isDone ? "done" : "partial");
      await mergeShardManifests(this.stage.out, this.stage.shard, this.folder.disk);
      return written;
    } catch (error) {
      throw this.#end ?? error;
    }
  }

  async #work(start: Counts): Promise<void> {
    const { stage, context } = this;
    if (context.progress !== "none") context.log(firstLine(stage.stage, stage.out, start));
    const progress = new Progress(context, stage.stage, start);
    const inFlight = new Set<Promise<void>>();
    const onAbort = () => this.#stopWith(context.signal.reason);
    context.signal.addEventListener("abort", onAbort, { once: true });
    if (context.signal.aborted) onAbort();
    const { failed } = this.folder.group;
    const onFailed = () => {
      this.#stopWith(failed.reason);
      this.#calls.stop(); // No reply that is still to come could be kept.
    };
    failed.addEventListener("abort", onFailed, { once: true });
    if (failed.aborted) onFailed();
    let grace: ReturnType<typeof setTimeout> | undefined;
    this.#stop.signal.addEventListener("abort", () => {
      grace = setTimeout(() => this.#calls.stop(), stage.graceMs ?? 20_000);
    });
    try {
      for await (const next of this.#ledger.pending(stage.read())) {
        if (this.#stop.signal.aborted) break;
        const { row } = next;
        if ("bad" in next) {
          this.#books.reject(row, next.bad.id, next.bad.fault, progress);
          continue;
        }
        const { item } = next;
        while (inFlight.size >= 4 * stage.slots.current + 64) await Promise.race(inFlight);
        if (!await this.#slot()) break;
        const task = this.#item(item, row, progress).finally(() => inFlight.delete(task));
        inFlight.add(task);
      }
    } catch (error) {
      this.#stopWith(error);
    }
    try {
      await Promise.all(inFlight);
    } finally {
      clearTimeout(grace);
      context.signal.removeEventListener("abort", onAbort);
      failed.removeEventListener("abort", onFailed);
      progress.end();
    }
  }

  /** One item to its end; a failure that ends the run is kept in `#end`, none is thrown. */
  async #item(item: I, row: number, progress: Progress): Promise<void> {
    const { stage, context } = this;
    let holding = true;
    const release = (outcome: SlotOutcome) => {
      if (holding) stage.slots.release(outcome);
      holding = false;
    };
    try {
      const outcome = await withRetries(async (attempt) => {
        if (!holding) {
          await stage.slots.acquire(this.#stop.signal);
          holding = true;
        }
        const result = await this.#calls.call(item, attempt);
        release("ok");
        return result;
      }, {
        attempts: stage.attempts ?? ATTEMPTS,
        sleep: context.sleep,
        signal: this.#stop.signal,
        onRetry: (error, waitMs) => {
          release(error.throttled ? "throttled" : "error");
          progress.retry(error, waitMs);
        },
      });
      if ("record" in outcome) this.#books.keep(row, outcome.record, progress);
      else this.#books.reject(row, item.id, outcome.reject, progress);
    } catch (error) {
      release("error");
      this.#failure(error, item, row, progress);
    }
  }

  #failure(error: unknown, item: I, row: number, progress: Progress): void {
    if (error instanceof ModelError && error.kind === "reject") {
      const reject = { reason: error.reason, detail: messageOf(error) };
      this.#books.reject(row, item.id, reject, progress);
    } else if (error instanceof ModelError && error.kind === "fatal") {
      this.#stopWith(new RunError(messageOf(error), { cause: error }));
    } else if (error instanceof LimitReached || error instanceof RunError) {
      this.#stopWith(error);
    } else if (!this.#stop.signal.aborted || !isAbort(error)) {
      this.#books.fail(item.id, error, progress);
    }
  }

  async #slot(): Promise<boolean> {
    try {
      if (this.#stop.signal.aborted) return false;
      await this.stage.slots.acquire(this.#stop.signal);
      return true;
    } catch {
      return false;
    }
  }

  #stopWith(reason: unknown): void {
    this.#end ??= reason ?? new DOMException("stopped", "AbortError");
    this.#stop.abort(this.#end);
  }

  #writeManifest(status: Manifest["status"]): ReturnType<typeof manifestOf> {
    const { stage, context, fingerprint } = this;
    const written = manifestOf(stage, this.#ledger, {
      fingerprint,
      status,
      failed: this.#books.failed,
      startedAt: this.before?.started_at ?? this.#startedAt,
      endedAt: status === "running" ? null : new Date(context.now()).toISOString(),
    });
    const { files, disk } = this.folder;
    makeFolder(dirname(files.manifest), disk);
    writeManifest(files.manifest, written.manifest, disk);
    return written;
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError" ||
    error instanceof ModelError && error.kind === "retry";
}
