/** One shard of a stage at work: slots, retries, time limits, stops, and the manifest. */
import { dirname } from "node:path";
import { canonicalJson, type Json } from "../core/canonical.ts";
import type { StageContext } from "../core/context.ts";
import { LimitReached, messageOf, ModelError, RunError } from "../core/errors.ts";
import type { Counts, FileEntry, Manifest } from "../core/manifest.ts";
import { VERSION } from "../core/version.ts";
import type { Outcome as SlotOutcome } from "./concurrency_limit.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { makeFolder } from "./make_folder.ts";
import { Progress } from "./progress.ts";
import { ATTEMPTS, withRetries } from "./retry.ts";
import { mergeShardManifests, writeManifest } from "./run_files.ts";
import type { RunFolder } from "./run_folder.ts";
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

  constructor(
    readonly stage: StageRun<I, R>,
    readonly context: StageContext,
    readonly folder: RunFolder,
    readonly fingerprint: string,
    readonly before: Manifest | undefined,
  ) {
    this.#startedAt = new Date(context.now()).toISOString();
  }

  /** Surveys the input, does what is pending, and leaves files and manifest in order. */
  async run(): Promise<RunResult> {
    const { stage, context } = this;
    const ledger = openLedger(this.folder, context.log);
    try {
      await ledger.survey(stage.read(), {
        keyOf: (item) => canonicalJson({ run: this.fingerprint, item: stage.content(item) }),
        shard: stage.shard,
        limit: stage.limit,
        inputs: stage.inputs.map((input) => input.path),
      });
      const start = ledger.counts();
      this.#writeManifest(ledger, "running");
      if (start.pending > 0) await this.#work(ledger, start);
      else if (context.progress !== "none") context.log(nothingToDo(stage, start));
      const manifest = await this.#conclude(ledger);
      if (this.#end !== undefined) throw this.#end;
      if (this.#failedCount > 0) {
        const { id, error } = this.#failed[0]!;
        throw new RunError(
          `${this.#failedCount} item(s) could not be done (the first: ${id}: ` +
            `${error}); the rest is saved in ${stage.out}, run again to try them`,
        );
      }
      return { out: stage.out, manifest, worked: this.#worked };
    } finally {
      ledger.close();
    }
  }

  /** Puts files and manifests in order; where that fails too, what ended the run is thrown. */
  async #conclude(ledger: Ledger): Promise<Manifest> {
    try {
      this.folder.group.syncNow();
      ledger.settle();
      const status = ledger.counts().pending === 0 ? "done" : "partial";
      const manifest = this.#writeManifest(ledger, status);
      await mergeShardManifests(this.stage.out, this.stage.shard, this.folder.disk);
      return manifest;
    } catch (error) {
      throw this.#end ?? error;
    }
  }

  async #work(ledger: Ledger, start: Counts): Promise<void> {
    const { stage, context } = this;
    const progress = new Progress(context, stage.stage, start.input, start.kept, start.rejected);
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
      for await (const { item, row } of ledger.pending(stage.read())) {
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
    ledger: Ledger,
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
          progress.add("retries");
        },
      });
      if ("record" in outcome) {
        ledger.keep(row, outcome.record);
        progress.add("kept");
        progress.add("tokens", stage.tokensOf?.(outcome.record) ?? 0);
      } else {
        this.#reject(ledger, row, item, outcome.reject);
        progress.add("rejected");
      }
      this.#worked++;
    } catch (error) {
      release("error");
      this.#failure(error, item, row, ledger, progress);
    }
  }

  #failure(
    error: unknown,
    item: I,
    row: number,
    ledger: Ledger,
    progress: Progress,
  ): void {
    if (error instanceof ModelError && error.kind === "reject") {
      this.#reject(ledger, row, item, { reason: error.reason, detail: messageOf(error) });
      progress.add("rejected");
      this.#worked++;
    } else if (error instanceof ModelError && error.kind === "fatal") {
      this.#stopWith(new RunError(messageOf(error), { cause: error }));
    } else if (error instanceof LimitReached || error instanceof RunError) {
      this.#stopWith(error);
    } else if (!this.#stop.signal.aborted || !isAbort(error)) {
      this.#failedCount++;
      if (this.#failed.length < 1000) this.#failed.push({ id: item.id, error: messageOf(error) });
      progress.add("failed");
    }
  }

  #reject(
    ledger: Ledger,
    row: number,
    item: I,
    { reason, detail }: { reason: string; detail: string },
  ): void {
    const listed = this.stage.reasons.includes(reason);
    ledger.reject(row, {
      id: item.id,
      stage: this.stage.stage,
      reason: listed ? reason : "other",
      detail: listed ? detail : `${reason}: ${detail}`,
    });
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

  #writeManifest(ledger: Ledger, status: Manifest["status"]): Manifest {
    const { stage, context } = this;
    const running = status === "running";
    const tally: Tally = { tokens: {}, extra: {} };
    const count = stage.tally && ((record: unknown) => stage.tally!(record as R, tally));
    const outputs: FileEntry[] = running ? [] : ledger.outputs(stage.out, count);
    const paid = stage.paid?.();
    const manifest: Manifest = {
      stage: stage.stage,
      version: VERSION,
      status,
      options: plain(stage.options),
      fingerprint: this.fingerprint,
      inputs: stage.inputs.map((input) => ({ ...input, rows: ledger.rowsOf(input.path) })),
      outputs,
      models: stage.models,
      seed: stage.seed,
      packages: stage.packages,
      counts: ledger.counts(),
      extra: tally.extra,
      tokens: paid?.tokens ?? tally.tokens,
      cost: paid?.cost ?? null,
      shard: stage.shard,
      failed: this.#failed,
      started_at: this.before?.started_at ?? this.#startedAt,
      ended_at: running ? null : new Date(context.now()).toISOString(),
    };
    const { files, disk } = this.folder;
    makeFolder(dirname(files.manifest), disk);
    writeManifest(files.manifest, manifest, disk);
    return manifest;
  }
}

function nothingToDo({ stage, out }: { stage: string; out: string }, counts: Counts): string {
  return `${stage}: nothing to do: ${out} has all ${counts.input} prompts ` +
    `(${counts.kept} kept, ${counts.rejected} rejected)`;
}

function plain(options: Record<string, Json | undefined>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError" ||
    error instanceof ModelError && error.kind === "retry";
}
