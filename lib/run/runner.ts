/** One shard of a stage at work: slots, retries, time limits, stops, and the manifest. */
import { dirname } from "node:path";
import type { StageContext } from "../core/context.ts";
import { LimitReached, messageOf, ModelError, RunError } from "../core/errors.ts";
import { ruleWords } from "../core/rule_words.ts";
import type { Counts, Manifest } from "../core/manifest.ts";
import { changedInput } from "../io/hash_inputs.ts";
import type { Outcome as SlotOutcome } from "./concurrency_limit.ts";
import { Ledger } from "./ledger.ts";
import { checkOtherShards } from "./other_run.ts";
import { makeFolder } from "./make_folder.ts";
import { Progress } from "./progress.ts";
import { QualityWatch } from "./quality.ts";
import { ATTEMPTS, withRetries } from "./retry.ts";
import { mergeShardManifests, writeManifest } from "./run_files.ts";
import type { RunFolder } from "./run_folder.ts";
import { manifestOf } from "./run_manifest.ts";
import { type Ending, firstLine, lastLine, nothingKept } from "./said.ts";
import type { ItemOutcome, RunResult, StageRun, Tally } from "./stage_run.ts";
import { whenLate } from "./time_limit.ts";

/** Runs a shard once; the lock is held by the caller. */
export class Runner<I extends { id: string; where?: string }, R extends { id: string }> {
  #worked = 0;
  #failed: Manifest["failed"] = [];
  #failedCount = 0;
  #end: unknown;
  readonly #stop = new AbortController();
  /** One controller a call: a signal shared by all of them would hold on to each. */
  readonly #calls = new Set<AbortController>();
  readonly #startedAt: string;
  /** Of this process's records alone: what is told while the run goes on. */
  readonly #live: Tally = { tokens: {}, extra: {} };
  readonly #quality: QualityWatch;

  constructor(
    readonly stage: StageRun<I, R>,
    readonly context: StageContext,
    readonly folder: RunFolder,
    readonly fingerprint: string,
    readonly before: Manifest | undefined,
  ) {
    this.#startedAt = new Date(context.now()).toISOString();
    this.#quality = new QualityWatch(stage.watch?.after ?? 50);
  }

  /** Surveys the input, does what is pending, and leaves files and manifest in order. */
  async run(): Promise<RunResult> {
    const { stage, context, fingerprint } = this;
    const ledger = new Ledger<I>(this.folder, {
      fingerprint,
      content: stage.content,
      shard: stage.shard,
      limit: stage.limit,
      inputs: stage.inputs.map((input) => input.path),
      maxBadRows: stage.maxBadRows ?? 0.01,
      retryRejects: stage.retryRejects ?? [],
    }, context.log);
    try {
      await ledger.survey(stage.read());
      await this.#checkInput();
      if (this.#end !== undefined) throw this.#end;
      const start = ledger.counts();
      this.#writeManifest(ledger, "running");
      checkOtherShards(stage, fingerprint);
      if (start.pending > 0) await this.#work(ledger, start);
      await this.#checkInput();
      return await this.#conclude(ledger, start.pending === 0);
    } finally {
      ledger.close();
    }
  }

  /** Input that is another now than when it was hashed ends the run, with all that is done saved. */
  async #checkInput(): Promise<void> {
    const path = await changedInput(this.stage.inputs);
    if (path === undefined) return;
    this.#end ??= new RunError(
      `${path}: changed while it was read: what is done is saved, run again`,
    );
  }

  /** Puts files and manifests in order, says what the run came to, and throws what ended it. */
  async #conclude(ledger: Ledger<I>, hadNothingToDo: boolean): Promise<RunResult> {
    const { stage, context, folder } = this;
    const { manifest, firstReject } = await this.#settled(ledger);
    const ending: Ending = this.#end !== undefined || manifest.status !== "done"
      ? "stopped"
      : hadNothingToDo
      ? "nothing to do"
      : "done";
    if (context.progress !== "none") context.log(lastLine(ending, stage.out, manifest));
    if (this.#end !== undefined) throw this.#end;
    if (this.#failedCount > 0) {
      const { id, error } = this.#failed[0]!;
      throw new RunError(
        `${this.#failedCount} item(s) could not be done (the first: ${id}: ${error}); the rest is ` +
          `saved in ${stage.out}, run again to try them`,
      );
    }
    const { counts } = manifest;
    if (stage.shard.count === 1 && counts.kept === 0 && counts.input > 0) {
      throw new RunError(nothingKept(manifest, folder.files.rejects, firstReject));
    }
    return { out: stage.out, manifest, worked: this.#worked };
  }

  /** Where putting things in order fails too, what ended the run is thrown. */
  async #settled(ledger: Ledger<I>): Promise<ReturnType<typeof manifestOf>> {
    try {
      this.folder.freeSpareFiles();
      this.folder.group.syncNow();
      ledger.settle();
      // The input that was surveyed is not the one that is there: its prompts are not done.
      const isDone = ledger.counts().pending === 0 && this.#end === undefined;
      const written = this.#writeManifest(ledger, isDone ? "done" : "partial");
      await mergeShardManifests(this.stage.out, this.stage.shard, this.folder.disk);
      return written;
    } catch (error) {
      throw this.#end ?? error;
    }
  }

  async #work(ledger: Ledger<I>, start: Counts): Promise<void> {
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
      this.#hardStop(); // No reply that is still to come could be kept.
    };
    failed.addEventListener("abort", onFailed, { once: true });
    if (failed.aborted) onFailed();
    let grace: ReturnType<typeof setTimeout> | undefined;
    this.#stop.signal.addEventListener("abort", () => {
      grace = setTimeout(() => this.#hardStop(), stage.graceMs ?? 20_000);
    });
    try {
      for await (const next of ledger.pending(stage.read())) {
        if (this.#stop.signal.aborted) break;
        const { row } = next;
        if ("bad" in next) {
          this.#reject(ledger, row, next.bad.id, next.bad.fault, progress);
          continue;
        }
        const { item } = next;
        while (inFlight.size >= 4 * stage.slots.current + 64) await Promise.race(inFlight);
        if (!await this.#slot()) break;
        const task = this.#item(item, row, ledger, progress).finally(() => inFlight.delete(task));
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
  async #item(
    item: I,
    row: number,
    ledger: Ledger<I>,
    progress: Progress,
  ): Promise<void> {
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
        const result = await this.#call(item, attempt);
        release("ok");
        return result;
      }, {
        attempts: stage.attempts ?? ATTEMPTS,
        sleep: context.sleep,
        signal: this.#stop.signal,
        onRetry: (error) => {
          release(error.throttled ? "throttled" : "error");
          progress.retry();
        },
      });
      const fault = "record" in outcome ? this.#faultOf(outcome.record) : null;
      if (fault !== null) throw new ModelError("reject", fault);
      if ("record" in outcome) this.#keep(ledger, row, outcome.record, progress);
      else this.#reject(ledger, row, item.id, outcome.reject, progress);
    } catch (error) {
      release("error");
      this.#failure(error, item, row, ledger, progress);
    }
  }

  #failure(
    error: unknown,
    item: I,
    row: number,
    ledger: Ledger<I>,
    progress: Progress,
  ): void {
    if (error instanceof ModelError && error.kind === "reject") {
      const reject = { reason: error.reason, detail: messageOf(error) };
      this.#reject(ledger, row, item.id, reject, progress);
    } else if (error instanceof ModelError && error.kind === "fatal") {
      this.#stopWith(new RunError(messageOf(error), { cause: error }));
    } else if (error instanceof LimitReached || error instanceof RunError) {
      this.#stopWith(error);
    } else if (!this.#stop.signal.aborted || !isAbort(error)) {
      this.#failedCount++;
      if (this.#failed.length < 1000) this.#failed.push({ id: item.id, error: messageOf(error) });
      progress.fail();
    }
  }

  /** Why a record could not be read again: an adapter let something odd of a server's through. */
  #faultOf(record: R): string | null {
    const parsed = this.stage.record?.safeParse(record);
    if (parsed === undefined || parsed.success) return null;
    const issue = parsed.error.issues[0]!;
    return `its record would not be sound: ${issue.path.join(".")}: ${ruleWords(issue)}`;
  }

  #keep(ledger: Ledger<I>, row: number, record: R, progress: Progress): void {
    const { stage } = this;
    ledger.keep(row, record);
    this.#worked++;
    stage.tally?.(record, this.#live);
    this.#quality.keep();
    progress.keep(stage.tokensOf?.(record) ?? 0, this.#live.extra);
    this.#judge();
  }

  #reject(
    ledger: Ledger<I>,
    row: number,
    id: string,
    { reason, detail }: { reason: string; detail: string },
    progress: Progress,
  ): void {
    const { stage, reasons } = this.stage;
    const reject = reasons.includes(reason)
      ? { id, stage, reason, detail }
      : { id, stage, reason: "other", detail: `${reason}: ${detail}` };
    ledger.reject(row, reject);
    this.#worked++;
    this.#quality.reject(reject.reason);
    progress.reject(reject.reason);
    this.#judge();
  }

  /** Tells of too many bad replies as soon as there are; ends the run where that is asked for. */
  #judge(): void {
    const { stage, context, folder: { files } } = this;
    const wrong = this.#quality.verdict(this.#live.extra);
    if (wrong === undefined) return;
    const look = `look at ${files.records} and ${files.rejects}`;
    if (!stage.watch?.ends) return context.log(`${stage.stage}: ${wrong}: ${look}`);
    this.#stopWith(
      new RunError(
        `${wrong}: stopped before more is paid for: ${look}; --allow-malformed goes on, ` +
          `--retry-rejects REASON asks again`,
      ),
    );
  }

  /** One call, bounded in time; a timeout may pass, so it is a `retry`. */
  async #call(item: I, attempt: number): Promise<ItemOutcome<R>> {
    const { stage } = this;
    const call = new AbortController();
    const callOff = whenLate(
      stage.timeoutMs,
      () => call.abort(new ModelError("retry", `no reply within ${stage.timeoutMs / 1000} s`)),
    );
    this.#calls.add(call);
    const aborted = new Promise<never>((_, reject) => {
      call.signal.addEventListener("abort", () => reject(call.signal.reason), { once: true });
    });
    aborted.catch(() => {});
    try {
      return await Promise.race([stage.work(item, { attempt, signal: call.signal }), aborted]);
    } finally {
      callOff();
      this.#calls.delete(call);
    }
  }

  /** Ends what is still in flight after the grace period. */
  #hardStop(): void {
    for (const call of this.#calls) call.abort(new DOMException("stopped", "AbortError"));
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

  #writeManifest(ledger: Ledger<I>, status: Manifest["status"]): ReturnType<typeof manifestOf> {
    const { stage, context, fingerprint } = this;
    const written = manifestOf(stage, ledger, {
      fingerprint,
      status,
      failed: this.#failed,
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
