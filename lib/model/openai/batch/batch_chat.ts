/** A teacher behind OpenAI's Batch API: half the price, within a day, safe to stop and resume. */
import { join } from "node:path";
import { sha256 } from "../../../core/canonical.ts";
import { messageOf, ModelError } from "../../../core/errors.ts";
import type { ChatModel, ChatReply, ChatRequest } from "../../chat_model.ts";
import { chatRequestFields, requestKey } from "../../request_key.ts";
import { replyWithoutKey, withoutKey } from "../../withhold_key.ts";
import { openaiApi } from "../openai_api.ts";
import { openaiBody, type OpenaiChatOptions } from "../openai_chat.ts";
import { openaiClients } from "../openai_client.ts";
import { BatchClient, type RemoteBatch } from "./batch_client.ts";
import { batchLine, batchResult } from "./batch_lines.ts";
import { type Job, JobLog } from "./job_log.ts";

/** How batches are made. */
export interface BatchChatOptions extends OpenaiChatOptions {
  /** Folder for the ids of jobs. */
  folder: string;
  /** Aborted when the run stops: the jobs go on at the provider, and are fetched by the next run. */
  signal: AbortSignal;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Requests and bytes a job at most. Defaults 50,000 and 190 MB: just under the provider's. */
  maxLines?: number;
  maxBytes?: number;
  /** Milliseconds by a clock that nobody sets. Default `performance.now`. */
  monotonic?: () => number;
  /** A job is sent when no request has come for this long. Default 2,000. */
  gatherMs?: number;
  /** How often jobs are asked after. Default 30,000. */
  pollMs?: number;
}

interface Waiter {
  request: ChatRequest;
  resolve: (reply: ChatReply) => void;
  reject: (error: unknown) => void;
}

/**
 * A teacher whose requests are gathered into batch jobs. A request is known by a hash of all its
 * fields: one that is in a job already, from this process or an earlier one, waits for that job and
 * is never sent twice; one that expired or failed there throws `retry` and goes into the next job
 * alone. Job ids are on disk before anything is sent.
 */
export function openaiBatchChat(options: BatchChatOptions): ChatModel {
  return new BatchChat(options);
}

class BatchChat implements ChatModel {
  readonly name: string;
  readonly promptsForTags = false;
  readonly concurrency: number;
  readonly #options:
    & Required<Pick<BatchChatOptions, "gatherMs" | "pollMs" | "monotonic" | "now" | "log">>
    & BatchChatOptions;
  readonly #client: BatchClient;
  readonly #jobs: JobLog;
  /** By custom id. */
  readonly #waiting = new Map<string, Waiter>();
  #lastRequestAt = 0;
  #working: Promise<void> | undefined;
  #maxLines: number;
  #told = "";

  constructor(options: BatchChatOptions) {
    const { model, signal, sleep } = options;
    this.#options = {
      ...options,
      gatherMs: options.gatherMs ?? 2_000,
      pollMs: options.pollMs ?? 30_000,
      monotonic: options.monotonic ?? (() => performance.now()),
      now: options.now ?? Date.now,
      log: options.log ?? (() => {}),
    };
    this.name = model;
    this.#maxLines = options.maxLines ?? 50_000;
    this.concurrency = this.#maxLines;
    this.#jobs = new JobLog(join(options.folder, "jobs.jsonl"));
    this.#client = new BatchClient({
      client: openaiClients(options)[0]!,
      api: openaiApi(options),
      model,
      now: this.#options.now,
      sleep,
      signal,
    });
    signal.addEventListener("abort", () => this.#rejectAll(signal.reason), { once: true });
  }

  reply(request: ChatRequest): Promise<ChatReply> {
    const id = requestKey(chatRequestFields(request));
    return new Promise((resolve, reject) => {
      this.#options.signal.throwIfAborted();
      this.#waiting.set(id, { request, resolve, reject });
      this.#lastRequestAt = this.#options.monotonic();
      this.#working ??= this.#work().finally(() => this.#working = undefined);
    });
  }

  async close(): Promise<void> {
    this.#rejectAll(new DOMException("stopped", "AbortError"));
    await this.#working;
    this.#jobs.close();
  }

  /** Sends, asks and delivers until nobody waits. */
  async #work(): Promise<void> {
    const { signal, sleep, gatherMs, pollMs, monotonic } = this.#options;
    try {
      while (this.#waiting.size > 0 && !signal.aborted) {
        const quiet = monotonic() - this.#lastRequestAt;
        if (quiet < gatherMs && this.#waiting.size < this.#maxLines) {
          await sleep(gatherMs - quiet, signal);
          continue;
        }
        await this.#refetchEnded();
        await this.#sendNew();
        if (!await this.#poll() && this.#waiting.size > 0) await sleep(pollMs, signal);
      }
    } catch (error) {
      const known = error instanceof ModelError ? withoutKey(error, this.#options.apiKey) : error;
      this.#rejectAll(known);
    }
  }

  /** Plans jobs for requests that are in none; then brings every planned job to the provider. */
  async #sendNew(): Promise<void> {
    const { maxBytes = 190_000_000 } = this.#options;
    let ids: string[] = [], bytes = 0;
    const encoder = new TextEncoder();
    const plan = () => {
      if (ids.length > 0) this.#jobs.plan(`job-${sha256(ids.join() + Math.random())}`, ids);
      ids = [];
      bytes = 0;
    };
    for (const id of this.#waiting.keys()) {
      if (this.#jobs.jobOf(id)) continue;
      const size = encoder.encode(this.#line(id)).length;
      if (ids.length >= this.#maxLines || bytes + size > maxBytes) plan();
      ids.push(id);
      bytes += size;
    }
    plan();
    for (const job of this.#jobs.open()) if (job.batch === undefined) await this.#send(job);
  }

  async #send(job: Job): Promise<void> {
    const found = job.recovered ? await this.#client.find(job.name) : undefined;
    if (found) return this.#jobs.created(job, found.id);
    const ids = [...job.ids].filter((id) => this.#waiting.has(id));
    if (ids.length < job.ids.size) {
      // A job that never came to the provider, of requests that this run no longer makes.
      this.#jobs.ended(job, [...job.ids]);
      return await this.#sendNew();
    }
    if (job.file === undefined) {
      this.#jobs.uploaded(
        job,
        await this.#client.upload(job.name, ids.map((id) => this.#line(id))),
      );
    }
    const batch = await this.#client.create(job.name, job.file!);
    this.#jobs.created(job, batch.id);
    this.#options.log(`batch ${batch.id}: ${ids.length} requests sent; it may take a day`);
  }

  /** Fetches jobs that have ended since; true where there were any. */
  async #poll(): Promise<boolean> {
    let ended = false;
    for (const job of this.#jobs.open()) {
      const batch = await this.#client.get(job.batch!);
      const { completed = 0, total = job.ids.size } = batch.request_counts ?? {};
      const line = `batch ${batch.id}: ${batch.status}, ${completed} of ${total}`;
      if (line !== this.#told) this.#options.log(line);
      this.#told = line;
      if (!ENDED.has(batch.status)) continue;
      ended = true;
      if (batch.status === "failed" && !batch.output_file_id) this.#refused(job, batch);
      else await this.#deliver(job, batch);
    }
    return ended;
  }

  /** Delivers from jobs that an earlier process saw end, but whose replies it did not keep. */
  async #refetchEnded(): Promise<void> {
    const jobs = new Set<Job>();
    for (const id of this.#waiting.keys()) {
      const job = this.#jobs.jobOf(id);
      if (job?.ended) jobs.add(job);
    }
    for (const job of jobs) await this.#deliver(job, await this.#client.get(job.batch!));
  }

  async #deliver(job: Job, batch: RemoteBatch): Promise<void> {
    const { model } = this.#options;
    const api = openaiApi(this.#options);
    const missing = new Set(job.ids);
    const failures = new Map<string, ModelError>();
    for (const file of [batch.output_file_id, batch.error_file_id]) {
      if (!file) continue;
      for await (const line of this.#client.lines(file)) {
        const result = batchResult(line, api, model);
        if (!result || !missing.delete(result.customId)) continue;
        if ("error" in result) failures.set(result.customId, result.error);
        else {
          const reply = replyWithoutKey(result.reply, this.#options.apiKey);
          this.#take(result.customId)?.resolve(reply);
        }
      }
    }
    for (const id of missing) {
      failures.set(
        id,
        new ModelError("retry", `openai: batch ${batch.id} ${batch.status}: no reply`),
      );
    }
    // Written before anybody hears of a failure, as they will ask again at once.
    this.#jobs.ended(job, [...failures.keys()]);
    for (const [id, error] of failures) {
      this.#take(id)?.reject(withoutKey(error, this.#options.apiKey));
    }
  }

  /** The provider took none of a job. Too many tokens enqueued: later, and in smaller jobs. */
  #refused(job: Job, batch: RemoteBatch): void {
    const error = batch.errors?.data?.[0];
    const text = `openai: batch ${batch.id} failed: ${error?.code ?? ""} ${error?.message ?? ""}`;
    const tooMuch = error?.code === "token_limit_exceeded";
    if (tooMuch) this.#maxLines = Math.max(1, Math.floor(job.ids.size / 2));
    const ids = [...job.ids];
    this.#jobs.ended(job, ids);
    const failure = new ModelError(tooMuch ? "retry" : "fatal", text, { retryAfterMs: 60_000 });
    for (const id of ids) this.#take(id)?.reject(withoutKey(failure, this.#options.apiKey));
  }

  #line(id: string): string {
    const api = openaiApi(this.#options);
    return batchLine(id, api, openaiBody(this.#waiting.get(id)!.request, this.#options.model, api));
  }

  #take(id: string): Waiter | undefined {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiter;
  }

  #rejectAll(reason: unknown): void {
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(reason);
    if (!(reason instanceof DOMException)) this.#options.log(messageOf(reason));
  }
}

const ENDED = new Set(["completed", "failed", "expired", "cancelled"]);
