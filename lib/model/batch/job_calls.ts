/** The calls of a job's life, each with what it leaves in the log. */
import { ModelError, RunError } from "../../core/errors.ts";
import type { ChatReply, ChatRequest } from "../chat_model.ts";
import { errorOf, replyWithoutKey, type Sender, withholdKey } from "../withhold_key.ts";
import type { BatchApi, RemoteBatch } from "./batch_api.ts";
import { LOOKUP_MS } from "./batch_step.ts";
import type { Job, JobLog } from "./job_log.ts";

/** What the calls work with. */
export interface JobContext {
  api: BatchApi;
  jobs: JobLog;
  sender: Sender;
  signal: AbortSignal;
  /** How often jobs are asked after. */
  pollMs: number;
  monotonic: () => number;
  log: (line: string) => void;
  /** A request that waits for its reply; nothing is done for one that does not. */
  requestOf: (id: string) => ChatRequest | undefined;
  resolve: (id: string, reply: ChatReply) => void;
  reject: (id: string, error: ModelError) => void;
  /** Jobs are to have so many requests at most from now on. */
  shrink: (lines: number) => void;
}

type JobCall = (job: Job, context: JobContext) => Promise<void>;

/** No wait between two calls is longer, unless the provider asks for it. */
export const LONGEST_WAIT_MS = 60_000;

const upload: JobCall = async (job, { api, jobs, signal, requestOf }) => {
  const lines = [...job.ids].map((id) => api.line(id, requestOf(id)!));
  const file = await api.upload(job.name, lines, signal);
  jobs.write({ event: "uploaded", job: job.name, file });
};

const create: JobCall = async (job, { api, jobs, signal, log }) => {
  jobs.write({ event: "creating", job: job.name });
  job.notes.lookups = 0;
  const made = await api.create(job.name, job.file!, signal);
  if ("refused" in made) {
    jobs.write({ event: "not_created", job: job.name });
    throw made.refused;
  }
  jobs.write({ event: "created", job: job.name, batch: made.id });
  log(`batch ${made.id}: ${job.ids.size} requests sent; it may take a day`);
};

const find: JobCall = async (job, { api, jobs, signal, log, monotonic }) => {
  const found = await api.find(job.name, job.at, signal);
  if (found) {
    jobs.write({ event: "created", job: job.name, batch: found.id });
    return log(`batch ${found.id}: found again by its name`);
  }
  const wait = LOOKUP_MS[job.notes.lookups++];
  if (wait !== undefined) job.notes.dueAt = monotonic() + wait;
};

const poll: JobCall = async (job, { api, signal, log, monotonic, pollMs }) => {
  const batch = await api.get(job.batch!, signal);
  if (batch.status !== job.notes.told) log(`batch ${batch.id}: ${batch.status}`);
  job.notes.told = batch.status;
  if (batch.state === "running") job.notes.dueAt = monotonic() + pollMs;
  else job.notes.ended = batch;
};

/**
 * Delivers what a batch has; a download that breaks off is made again, for those who still wait.
 * Failures are on disk before anybody hears of them, as they will ask again at once.
 */
const fetch: JobCall = async (job, context) => {
  const { api, jobs, sender, signal, requestOf, resolve, reject } = context;
  const missing = new Set(job.ids);
  const failures = new Map<string, ModelError>();
  for await (const result of api.results(job.notes.ended!, requestOf, signal)) {
    if (!missing.delete(result.customId)) continue;
    if ("error" in result) failures.set(result.customId, result.error);
    else resolve(result.customId, replyWithoutKey(result.reply, sender.apiKey));
  }
  jobs.write({ event: "ended", job: job.name, failed: [...failures.keys(), ...missing] });
  for (const [id, error] of failures) reject(id, errorOf(sender, error));
  if (missing.size > 0) lacking(job.notes.ended!, missing, context);
};

/** What a batch gave no result for: asked for again, unless it is the user's or the job's fault. */
function lacking(batch: RemoteBatch, missing: Set<string>, context: JobContext): void {
  const { sender, reject, shrink } = context, { provider, apiKey } = sender;
  const { failure, state } = batch, name = `batch ${batch.id}`;
  if (state === "cancelled") {
    throw new RunError(
      `${provider}: ${name} was cancelled at the provider: ${missing.size} of its prompts have no reply and ` +
        `stay pending; the same command again sends them in a new batch`,
    );
  }
  if (state === "failed" && failure && !failure.tooMuch) {
    const words = withholdKey(failure.message, apiKey);
    throw new RunError(`${provider}: ${name} failed: ${words}: its prompts stay pending`);
  }
  if (failure?.tooMuch) shrink(Math.max(1, Math.floor(missing.size / 2)));
  const text = failure ? `${name} failed: ${failure.message}` : `${name} ${state}: no reply`;
  const error = new ModelError("retry", text, {
    retryAfterMs: failure?.tooMuch ? LONGEST_WAIT_MS : undefined,
    outage: false,
  });
  for (const id of missing) reject(id, errorOf(sender, error));
}

/** By the steps' names. */
export const JOB_CALLS = { upload, create, find, poll, fetch };
