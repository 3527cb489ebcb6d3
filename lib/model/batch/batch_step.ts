/** What is to be done next for the requests of a run and its batch jobs: a pure function. */
import type { Job } from "./job_log.ts";

/** All that the next step depends on. Moments are milliseconds by a clock that nobody sets. */
export interface BatchView {
  /** Jobs whose results have not been fetched, oldest first. */
  open: readonly Job[];
  jobOf: (id: string) => Job | undefined;
  /** Requests that wait for a reply, in order, with the bytes of their lines. */
  waiting: ReadonlyMap<string, { bytes: number }>;
  /** When the last request came. */
  lastRequestAt: number;
  now: number;
  /** A job is sent when no request has come for this long. */
  gatherMs: number;
  /** Requests and bytes a job at most. */
  maxLines: number;
  maxBytes: number;
}

/** A step, after which the next is asked for. */
export type BatchStep =
  /** Nobody waits. */
  | { do: "rest" }
  | { do: "wait"; ms: number }
  /** A job for requests that are in none. */
  | { do: "plan"; ids: string[] }
  /** A job of requests that nobody makes any more, which never came to the provider. */
  | { do: "drop"; job: Job }
  | { do: "upload"; job: Job }
  | { do: "create"; job: Job }
  /** Looks for a batch that was asked for: the answer was lost, and it may have been made. */
  | { do: "find"; job: Job }
  /** It was not found, though lists have had time to show it: it may be asked for again. */
  | { do: "give_up_finding"; job: Job }
  | { do: "poll"; job: Job }
  | { do: "fetch"; job: Job };

/** Waits between looking for a batch of unknown fate, in milliseconds: lists lag behind. */
export const LOOKUP_MS = [5_000, 15_000, 40_000, 60_000, 120_000];

/**
 * The next step. Whatever the provider does, no request is in two batches that may both exist: a
 * job is sent again only when the provider said that it made no batch of it, or none was found for
 * minutes; a batch's requests go into another one only when its results lack them.
 */
export function batchStep(view: BatchView): BatchStep {
  const { waiting, now, lastRequestAt, gatherMs, maxLines } = view;
  if (waiting.size === 0) return { do: "rest" };
  const gatheredAt = waiting.size >= maxLines ? now : lastRequestAt + gatherMs;
  const gathering = gatheredAt > now;
  let soonest = gathering ? gatheredAt : Infinity;
  for (const job of wanted(view)) {
    const { dueAt } = job.notes;
    if (dueAt > now) soonest = Math.min(soonest, dueAt);
    else if (mayExist(job)) return remoteStep(job);
    else if (!gathering) return localStep(job, view);
  }
  if (!gathering) {
    const ids = nextJob(view);
    if (ids.length > 0) return { do: "plan", ids };
  }
  return { do: "wait", ms: soonest === Infinity ? gatherMs : soonest - now };
}

/** Jobs with something to do: those that hold or will hold what is waited for, and unsent ones. */
function wanted({ open, waiting, jobOf }: BatchView): Set<Job> {
  const jobs = new Set<Job>();
  for (const job of open) if (!mayExist(job)) jobs.add(job);
  for (const id of waiting.keys()) {
    const job = jobOf(id);
    if (job) jobs.add(job);
  }
  return jobs;
}

const mayExist = (job: Job) => job.batch !== undefined || job.creating;

function remoteStep(job: Job): BatchStep {
  const { ended, lookups } = job.notes;
  if (job.batch === undefined) {
    return { do: lookups > LOOKUP_MS.length ? "give_up_finding" : "find", job };
  }
  // A job that an earlier process fetched, without living to keep all of it, is fetched again.
  return { do: ended ? "fetch" : "poll", job };
}

function localStep(job: Job, { waiting }: BatchView): BatchStep {
  for (const id of job.ids) if (!waiting.has(id)) return { do: "drop", job };
  if (job.ids.size === 0) return { do: "drop", job };
  return { do: job.file === undefined ? "upload" : "create", job };
}

/** The first requests that are in no job, as many as one may hold. */
function nextJob({ waiting, jobOf, maxLines, maxBytes }: BatchView): string[] {
  const ids: string[] = [];
  let size = 0;
  for (const [id, { bytes }] of waiting) {
    if (jobOf(id)) continue;
    if (ids.length > 0 && (ids.length >= maxLines || size + bytes > maxBytes)) break;
    ids.push(id);
    size += bytes;
  }
  return ids;
}
