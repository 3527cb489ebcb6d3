/** The stage runner: every prompt ends kept, rejected with a reason, or pending. */
import { join } from "node:path";
import { canonicalJson, type Json, sha256 } from "../core/canonical.ts";
import { defaultContext, type StageContext } from "../core/context.ts";
import { InputError, LimitReached, messageOf, ModelError, RunError } from "../core/errors.ts";
import type { Counts, FileEntry, Manifest } from "../core/manifest.ts";
import { VERSION } from "../core/version.ts";
import type { ConcurrencyLimit, Outcome as SlotOutcome } from "./concurrency_limit.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { lockFile } from "./lock.ts";
import { placeError } from "./place_error.ts";
import { Progress } from "./progress.ts";
import { withRetries } from "./retry.ts";
import {
  checkShardCount,
  mergeShardManifests,
  readManifest,
  runFiles,
  writeManifest,
} from "./run_files.ts";
import { partName, type Shard } from "./shard.ts";

/** How an item ends. */
export type ItemOutcome<R> = { record: R } | { reject: { reason: string; detail: string } };

/** What a stage tells the runner. `I` is an input item, `R` the record made of it. */
export interface StageRun<I extends { id: string; where?: string }, R extends { id: string }> {
  stage: string;
  out: string;
  /** All options, for the manifest. */
  options: Record<string, Json | undefined>;
  /** What affects the output, the items aside; it must not change within an OUT. */
  affects: Record<string, Json | undefined>;
  /** The files that `read` reads, with their hashes; their rows are counted here. */
  inputs: { path: string; sha256: string }[];
  /** Reads the input from its beginning; called more than once. */
  read: () => AsyncIterable<I>;
  /** What of an item affects its record. */
  content: (item: I) => Json;
  /** Makes the record. Throws `ModelError`, `LimitReached`. */
  work: (item: I, call: { attempt: number; signal: AbortSignal }) => Promise<ItemOutcome<R>>;
  /** Tokens that models wrote for a record, for the progress line. */
  tokensOf?: (record: R) => number;
  /** The stage's closed list of reject reasons. */
  reasons: readonly string[];
  /** Counts what the manifest tells of records; see `Tally`. */
  tally?: (record: R, tally: Tally) => void;
  /**
   * What was paid for so far, replies that became no record included; the manifest tells of these
   * tokens instead of the tally's. US dollars are null where no price is known.
   */
  paid?: () => { tokens: Record<string, number>; cost: number | null };
  models: string[];
  packages: Record<string, string>;
  seed: number | null;
  shard: Shard;
  limit?: number;
  slots: ConcurrencyLimit;
  /** Calls at most for what may pass. Default 6. */
  attempts?: number;
  /** One call's time at most, in milliseconds. */
  timeoutMs: number;
  /** How long what is in flight may go on after a stop, in milliseconds. Default 20,000. */
  graceMs?: number;
}

/** Sums over a run's records: tokens by kind, and counts of the stage's own. */
export interface Tally {
  tokens: Record<string, number>;
  extra: Record<string, number>;
}

/** What a run came to. */
export interface RunResult {
  out: string;
  manifest: Manifest;
  /** Items that this process did; 0 when there was nothing left to do. */
  worked: number;
}

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
  const files = runFiles(run.out, run.shard);
  makeFolder(run.out);
  const lock = lockFile(files.lock, `${run.out} (${partName(run.shard)})`);
  try {
    checkShardCount(run.out, run.shard);
    const before = readManifest(files.manifest);
    const fingerprint = sha256(canonicalJson({ stage: run.stage, ...run.affects })).slice(0, 16);
    if (before && before.fingerprint !== fingerprint) throw otherRun(run, before);
    return await new Runner(run, context, files, fingerprint, before).run();
  } finally {
    lock.release();
  }
}

class Runner<I extends { id: string; where?: string }, R extends { id: string }> {
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
    readonly files: ReturnType<typeof runFiles>,
    readonly fingerprint: string,
    readonly before: Manifest | undefined,
  ) {
    this.#startedAt = new Date(context.now()).toISOString();
  }

  async run(): Promise<RunResult> {
    const { stage, context } = this;
    const ledger = openLedger(this.files, context.log);
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
      const manifest = this.#conclude(ledger);
      if (this.#end !== undefined) throw this.#end;
      if (this.#failedCount > 0) {
        const { id, error } = this.#failed[0]!;
        throw new RunError(
          `${stage.stage}: ${this.#failedCount} item(s) could not be done (the first: ${id}: ` +
            `${error}); the rest is saved in ${stage.out}, run again to try them`,
        );
      }
      return { out: stage.out, manifest, worked: this.#worked };
    } finally {
      ledger.close();
    }
  }

  /** Puts files and manifests in order; where that fails too, what ended the run is thrown. */
  #conclude(ledger: Ledger): Manifest {
    try {
      ledger.settle();
      const status = ledger.counts().pending === 0 ? "done" : "partial";
      const manifest = this.#writeManifest(ledger, status);
      mergeShardManifests(this.stage.out, this.stage.shard);
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
        attempts: stage.attempts ?? 6,
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
      this.#stopWith(new RunError(`${this.stage.stage}: ${messageOf(error)}`, { cause: error }));
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
    const timer = setTimeout(
      () => call.abort(new ModelError("retry", `no reply within ${stage.timeoutMs / 1000} s`)),
      stage.timeoutMs,
    );
    this.#calls.add(call);
    const aborted = new Promise<never>((_, reject) => {
      call.signal.addEventListener("abort", () => reject(call.signal.reason), { once: true });
    });
    aborted.catch(() => {});
    try {
      return await Promise.race([stage.work(item, { attempt, signal: call.signal }), aborted]);
    } finally {
      clearTimeout(timer);
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
    const outputs: FileEntry[] = running ? [] : ledger.outputs(stage.out, (record) => {
      stage.tally?.(record as R, tally);
    });
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
    makeFolder(join(this.files.manifest, ".."));
    writeManifest(this.files.manifest, manifest);
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

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw placeError(path, error);
  }
}
