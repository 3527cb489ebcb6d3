/**
 * Samples from a local model, many requests at once: rows of all requests share the model's steps,
 * join while others go on and leave when they end. What a row becomes depends on its request's
 * seed, id and its own index alone.
 */
import { messageOf, ModelError } from "../../core/errors.ts";
import type { Completion } from "../text_model.ts";
import type { Batch, CausalModel, Next, Prefill } from "./causal_model.ts";
import type { Job, Row } from "./job.ts";
import { drawToken, drawWeighed, NotFinite } from "./sampler.ts";

/** How much of an engine's work was what. */
export interface EngineCounts {
  /** Tokens that were drawn. */
  tokens: number;
  /** Runs of the model: prompts read, steps, and sequences read again for a close draw. */
  prompts: number;
  steps: number;
  again: number;
}

/** What an engine may hold at once. */
export interface EngineLimits {
  /** Rows. */
  slots: number;
  /** The tokens that all its rows may come to. A row alone always goes. Default: any number. */
  tokens?: number;
}

/** Continuous batching. */
export class Engine {
  readonly counts: EngineCounts = { tokens: 0, prompts: 0, steps: 0, again: 0 };
  readonly #model: CausalModel;
  readonly #limits: EngineLimits;
  readonly #waiting: Job[] = [];
  readonly #rows = new Set<Row>();
  #batches: Batch<Row>[] = [];
  #lastRead: Prefill | null = null;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(model: CausalModel, limits: EngineLimits) {
    this.#model = model;
    this.#limits = limits;
  }

  /** Samples the job's replies. Throws `ModelError`, or the signal's reason. */
  sample(job: Job): Promise<Completion[]> {
    if (this.#closed) throw new ModelError("fatal", "the model is closed");
    this.#waiting.push(job);
    this.#running ??= this.#run();
    return job.replies;
  }

  /** Fails what is unfinished and waits until the model is not in use any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#failAll(new ModelError("fatal", "the model was closed"));
    await this.#running;
  }

  #failAll(reason: unknown): void {
    for (const job of this.#waiting) job.fail(reason);
    for (const { job } of this.#rows) job.fail(reason);
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 || this.#rows.size > 0) {
      try {
        this.#dropFailed();
        await this.#admit();
        for (const batch of [...this.#batches]) await this.#step(batch);
        this.#batches = this.#batches.filter((batch) => batch.rows.length > 0);
      } catch (error) {
        this.#failAll(failure("fatal", error));
      }
    }
    this.#running = null;
  }

  /** Begins the jobs that wait while there is room, first come, first served. */
  async #admit(): Promise<void> {
    while (this.#waiting.length > 0) {
      const job = this.#waiting[0]!;
      if (!job.failed && this.#roomFor(job) < 1) return;
      try {
        job.prefill ??= await this.#read(job);
        if (!job.failed) await this.#start(job, job.prefill);
      } catch (error) {
        job.fail(failure("reject", error));
      }
      if (job.failed || job.started) this.#waiting.shift();
    }
  }

  /** How many of the job's replies may begin. */
  #roomFor(job: Job): number {
    const { slots, tokens = Infinity } = this.#limits, going = this.#rows.size;
    const taken = this.#rows.values().reduce((sum, { job }) => sum + job.longest, 0);
    const fit = Math.floor((tokens - taken) / job.longest);
    return Math.min(slots - going, going === 0 ? Math.max(1, fit) : fit);
  }

  async #read(job: Job): Promise<Prefill> {
    this.counts.prompts++;
    return this.#lastRead = await this.#model.read(job.prompt, this.#lastRead);
  }

  /** Draws the first token of as many of the job's replies as there is room for. */
  async #start(job: Job, prefill: Prefill): Promise<void> {
    const going: Row[] = [];
    for (const row of job.takeRows(this.#roomFor(job))) {
      if (!this.#add(row, await this.#draw(row, prefill))) going.push(row);
    }
    if (going.length === 0) return;
    for (const row of going) this.#rows.add(row);
    let batch = this.#batches.find((batch) => batch.takes(prefill.tokens.length));
    if (batch === undefined) {
      batch = this.#model.batch<Row>();
      this.#batches.push(batch);
    }
    batch.join(prefill, going);
  }

  async #step(batch: Batch<Row>): Promise<void> {
    if (batch.rows.length === 0) return;
    const rows = [...batch.rows];
    let next: Next[];
    try {
      next = await batch.step();
      this.counts.steps++;
    } catch (error) {
      for (const { job } of rows) job.fail(failure("fatal", error));
      return;
    }
    for (const [i, row] of rows.entries()) {
      const { job } = row;
      if (job.failed) continue;
      try {
        if (this.#add(row, await this.#draw(row, next[i]!))) {
          batch.remove(row);
          this.#rows.delete(row);
        }
      } catch (error) {
        job.fail(failure("reject", error));
      }
    }
  }

  /**
   * The row's next token. Where logits differ in their last digits with the rows and the room
   * beside them, and a draw falls that close to a border, the row is read again by itself.
   */
  async #draw(row: Row, next: Next): Promise<number> {
    const random = row.random(), { request } = row.job;
    if ("weights" in next) return drawWeighed(next.weights, request, random);
    const { token, sure } = drawToken(next.logits, request, random);
    if (sure || this.#model.exact) return token;
    this.counts.again++;
    const alone = await this.#model.read(row.tokens);
    return drawToken(alone.logits, request, random).token;
  }

  /** True where the token was the row's last. */
  #add(row: Row, token: number): boolean {
    this.counts.tokens++;
    const reply = row.add(token);
    if (reply !== null) row.job.finish(row.index, reply);
    return reply !== null;
  }

  #dropFailed(): void {
    for (const row of [...this.#rows]) {
      if (!row.job.failed) continue;
      for (const batch of this.#batches) batch.remove(row);
      this.#rows.delete(row);
    }
    const waiting = this.#waiting.filter((job) => !job.failed);
    this.#waiting.splice(0, Infinity, ...waiting);
  }
}

function failure(kind: "reject" | "fatal", error: unknown): ModelError {
  if (error instanceof NotFinite) {
    return new ModelError("reject", error.message, { reason: "not_finite", cause: error });
  }
  return new ModelError(kind, `the local model failed: ${messageOf(error)}`, { cause: error });
}
