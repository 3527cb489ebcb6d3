/** A teacher behind a provider's batches: half the price, within a day, safe to stop and resume. */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { sha256 } from "../../core/canonical.ts";
import type { StageContext } from "../../core/context.ts";
import { messageOf, ModelError, RunError } from "../../core/errors.ts";
import type { ChatModel, ChatReply, ChatRequest } from "../chat_model.ts";
import { chatRequestFields, requestKey } from "../request_key.ts";
import { errorOf } from "../withhold_key.ts";
import type { BatchApi } from "./batch_api.ts";
import { type BatchStep, batchStep } from "./batch_step.ts";
import { JOB_CALLS, type JobContext, LONGEST_WAIT_MS } from "./job_calls.ts";
import { type Binding, type Job, JobLog } from "./job_log.ts";

/** How batches are made. */
export interface BatchChatOptions
  extends Pick<StageContext, "sleep">, Partial<Pick<StageContext, "now" | "monotonic" | "log">> {
  model: string;
  /** Taken out of all that is passed on. */
  apiKey: string | undefined;
  /** Folder for the ids of jobs. */
  folder: string;
  /** The run's options, for whoever comes upon a job that is on its way. */
  binding?: Binding;
  /** Aborted when the run stops: the jobs go on at the provider, and are fetched by the next run. */
  signal: AbortSignal;
  /** Requests and bytes a job at most. Defaults 50,000 and 190 MB: just under OpenAI's. */
  maxLines?: number;
  maxBytes?: number;
  /** A job is sent when no request has come for this long. Default 2,000. */
  gatherMs?: number;
  /** How often jobs are asked after. Default 30,000. */
  pollMs?: number;
}

interface Waiter {
  request: ChatRequest;
  bytes: number;
  resolve: (reply: ChatReply) => void;
  reject: (error: unknown) => void;
}

/** Failures in a row, of one job's calls, that end the run: its batch stays, and is fetched later. */
const FAILURES = 10;

/**
 * A teacher whose requests are gathered into batch jobs. A request is known by a hash of all its
 * fields: one that is in a job already, from this process or an earlier one, waits for that job and
 * is never sent twice; one that expired or failed there throws `retry` and goes into the next job
 * alone. Job ids are on disk before anything is sent.
 *
 * What goes wrong with a job as a whole is a `RunError`: the run ends, its prompts stay pending.
 */
export function batchChat(api: BatchApi, options: BatchChatOptions): ChatModel {
  return new BatchChat(api, options);
}

class BatchChat implements ChatModel {
  readonly name: string;
  readonly promptsForTags = false;
  readonly concurrency: number;
  readonly #api: BatchApi;
  readonly #options: Required<BatchChatOptions>;
  readonly #jobs: JobLog;
  /** By custom id. */
  readonly #waiting = new Map<string, Waiter>();
  readonly #stop = new AbortController();
  #lastRequestAt = 0;
  #working: Promise<void> | undefined;
  #maxLines: number;
  readonly #context: JobContext;

  constructor(api: BatchApi, options: BatchChatOptions) {
    this.#api = api;
    this.#options = {
      binding: {},
      now: Date.now,
      monotonic: () => performance.now(),
      log: () => {},
      maxLines: 50_000,
      maxBytes: 190_000_000,
      gatherMs: 2_000,
      pollMs: 30_000,
      ...options,
    };
    this.name = options.model;
    this.#maxLines = this.#options.maxLines;
    this.concurrency = this.#maxLines;
    this.#jobs = new JobLog(join(options.folder, "jobs.jsonl"));
    const { apiKey, log, monotonic, pollMs } = this.#options;
    this.#context = {
      api,
      jobs: this.#jobs,
      sender: { provider: api.provider, apiKey },
      signal: this.#stop.signal,
      pollMs,
      monotonic,
      log,
      requestOf: (id) => this.#waiting.get(id)?.request,
      resolve: (id, reply) => this.#take(id)?.resolve(reply),
      reject: (id, error) => this.#take(id)?.reject(error),
      shrink: (lines) => this.#maxLines = lines,
    };
    const { signal } = options;
    signal.addEventListener("abort", () => this.#end(signal.reason), { once: true });
  }

  reply(request: ChatRequest): Promise<ChatReply> {
    const id = requestKey(chatRequestFields(request));
    const bytes = Buffer.byteLength(this.#api.line(id, request));
    return new Promise((resolve, reject) => {
      this.#options.signal.throwIfAborted();
      this.#stop.signal.throwIfAborted();
      this.#waiting.set(id, { request, bytes, resolve, reject });
      this.#lastRequestAt = this.#options.monotonic();
      this.#working ??= this.#work();
    });
  }

  async close(): Promise<void> {
    this.#end(new DOMException("stopped", "AbortError"));
    await this.#working;
    this.#jobs.close();
  }

  /** One step after the other until nobody waits. */
  async #work(): Promise<void> {
    for (;;) {
      const step = this.#stop.signal.aborted ? { do: "rest" as const } : this.#next();
      if (step.do === "rest") {
        // In one turn with the look at who waits: a request that comes now begins anew.
        this.#working = undefined;
        return;
      }
      try {
        await this.#perform(step);
      } catch (error) {
        if (!this.#stop.signal.aborted) this.#end(error);
      }
    }
  }

  #next(): BatchStep {
    const { monotonic, gatherMs, maxBytes } = this.#options;
    return batchStep({
      open: this.#jobs.open(),
      jobOf: (id) => this.#jobs.jobOf(id),
      waiting: this.#waiting,
      lastRequestAt: this.#lastRequestAt,
      now: monotonic(),
      gatherMs,
      maxLines: this.#maxLines,
      maxBytes,
    });
  }

  async #perform(step: Exclude<BatchStep, { do: "rest" }>): Promise<void> {
    const { now, sleep, binding } = this.#options;
    switch (step.do) {
      case "wait":
        return await sleep(step.ms, this.#stop.signal);
      case "plan": {
        const job = `job-${sha256(step.ids.join() + Math.random())}`, { ids } = step;
        return this.#jobs.write({ event: "planned", job, ids, at: now(), options: binding });
      }
      case "drop":
        return this.#jobs.write({ event: "ended", job: step.job.name, failed: [...step.job.ids] });
      case "give_up_finding":
        return this.#jobs.write({ event: "not_created", job: step.job.name });
      default:
        return await this.#call(step.do, step.job);
    }
  }

  /** A call to the provider; one that may pass is made again later, any other ends the run. */
  async #call(what: keyof typeof JOB_CALLS, job: Job): Promise<void> {
    const { notes } = job;
    try {
      await JOB_CALLS[what](job, this.#context);
      notes.failures = 0;
    } catch (error) {
      if (!(error instanceof ModelError) || this.#stop.signal.aborted) throw error;
      const known = errorOf(this.#context.sender, error);
      if (known.kind !== "retry" || ++notes.failures >= FAILURES) throw jobError(what, job, known);
      const wait = known.retryAfterMs ?? Math.min(LONGEST_WAIT_MS, 1_000 * 2 ** notes.failures);
      notes.dueAt = this.#options.monotonic() + wait;
    }
  }

  #take(id: string): Waiter | undefined {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiter;
  }

  #end(reason: unknown): void {
    this.#stop.abort(reason);
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(reason);
  }
}

/** A job's failure, which is none of its prompts'. */
function jobError(what: string, job: Job, error: ModelError): RunError {
  const kept = job.batch === undefined
    ? "its prompts stay pending"
    : `batch ${job.batch} stays and is fetched by the same command later`;
  return new RunError(`batch: cannot ${what}: ${messageOf(error)}: ${kept}`, { cause: error });
}
