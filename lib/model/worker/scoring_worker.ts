/** A worker that scores answers, under a time limit for each: one that hangs is ended and replaced. */
import { ModelError, oneLine } from "../../core/errors.ts";
import { whenLate } from "../../run/time_limit.ts";
import type { FromWorker, WorkerItem, WorkerScore } from "./messages.ts";

/** How a worker is made, and how long it may take. */
export interface ScoringWorkerOptions {
  /** What it is called in messages. */
  name: string;
  spawn: () => Worker;
  /** Milliseconds for one item. */
  itemMs: number;
  /** The score of an item that takes longer, which is unread. */
  lateScore: number | null;
}

/** Time to load a worker's modules, in milliseconds: a loaded machine takes seconds. */
const START_MS = 120_000;

/** A list of items on its way through the worker. */
interface Job {
  maxLength: number;
  items: readonly WorkerItem[];
  scores: WorkerScore[];
  done: PromiseWithResolvers<WorkerScore[]>;
}

/** Scores lists of items one after the other. Regular expressions and loops of others run elsewhere. */
export class ScoringWorker {
  readonly #options: ScoringWorkerOptions;
  readonly #queue: Job[] = [];
  #worker: Worker | undefined;
  #ready: PromiseWithResolvers<{ name?: string; version?: string }> | undefined;
  #callOff: () => void = () => {};

  constructor(options: ScoringWorkerOptions) {
    this.#options = options;
  }

  /**
   * What the worker says of itself once its modules are loaded.
   *
   * @throws {ModelError} of kind `fatal` where it cannot be used.
   */
  async ready(): Promise<{ name?: string; version?: string }> {
    if (this.#ready === undefined) this.#start();
    return await this.#ready!.promise;
  }

  /** One score an item, in order. Throws `ModelError`, and the signal's reason when it aborts. */
  async score(
    items: readonly WorkerItem[],
    { maxLength, signal }: { maxLength: number; signal?: AbortSignal },
  ): Promise<WorkerScore[]> {
    signal?.throwIfAborted();
    await this.ready();
    const job: Job = { maxLength, items, scores: [], done: Promise.withResolvers() };
    if (items.length === 0) return [];
    const leave = () => {
      const at = this.#queue.indexOf(job);
      if (at < 0) return;
      this.#queue.splice(at, 1);
      job.done.reject(signal!.reason);
      // What it is at work on would answer for another.
      if (at === 0) this.#restart();
    };
    signal?.addEventListener("abort", leave, { once: true });
    this.#queue.push(job);
    if (this.#queue.length === 1) this.#send();
    try {
      return await job.done.promise;
    } finally {
      signal?.removeEventListener("abort", leave);
    }
  }

  close(): void {
    this.#end();
    const over = new ModelError("fatal", `${this.#options.name}: was closed`);
    for (const { done } of this.#queue.splice(0)) done.reject(over);
  }

  #start(): void {
    const ready = this.#ready = Promise.withResolvers<{ name?: string; version?: string }>();
    ready.promise.catch(() => {});
    const worker = this.#worker = this.#options.spawn();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (this.#worker === worker) this.#hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#worker === worker) this.#fail(oneLine(event.message));
    };
    this.#callOff = whenLate(START_MS, () => this.#fail(`did not start in ${START_MS / 1000} s`));
  }

  #hear(message: FromWorker): void {
    this.#callOff();
    if ("ready" in message) return this.#ready!.resolve(message.ready);
    if ("unusable" in message) return this.#fail(oneLine(message.unusable));
    const job = this.#queue[0];
    if (job === undefined) return;
    if ("failed" in message) {
      this.#queue.shift();
      const why = `${this.#options.name}: ${oneLine(message.failed)}`;
      job.done.reject(new ModelError("reject", why));
      return this.#send();
    }
    this.#take(job, message.scored);
    if (this.#queue[0] === job) this.#await();
    else this.#send();
  }

  #take(job: Job, score: WorkerScore): void {
    job.scores.push(score);
    if (job.scores.length < job.items.length) return;
    this.#queue.shift();
    job.done.resolve(job.scores);
  }

  /** The first job's items that have no score yet. */
  #send(): void {
    const job = this.#queue[0];
    if (job === undefined) return;
    const { items, scores, maxLength } = job;
    this.#worker!.postMessage({ items: items.slice(scores.length), maxLength });
    this.#await();
  }

  #await(): void {
    const { itemMs, lateScore } = this.#options;
    this.#callOff = whenLate(itemMs, () => {
      const job = this.#queue[0]!;
      this.#take(job, { score: lateScore, unread: `took longer than ${itemMs / 1000} s` });
      this.#restart();
    });
  }

  #restart(): void {
    this.#end();
    this.#start();
    this.#ready!.promise.then(() => this.#send(), () => {});
  }

  #end(): void {
    this.#callOff();
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ready = undefined;
  }

  /** Nothing can be scored any more: all that waits fails. */
  #fail(why: string): void {
    const error = new ModelError("fatal", `${this.#options.name}: ${why}`);
    const ready = this.#ready;
    this.#end();
    ready?.reject(error);
    for (const { done } of this.#queue.splice(0)) done.reject(error);
  }
}
