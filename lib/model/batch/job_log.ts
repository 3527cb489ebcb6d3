/** A run's batch jobs on disk: each step is written and flushed before the next is taken. */
import { z } from "zod";
import { canonicalJson, type Json } from "../../core/canonical.ts";
import { jsonValue } from "../../core/json_value.ts";
import { LineLog } from "../../run/line_log.ts";
import type { RemoteBatch } from "./batch_api.ts";

/** The options that a job's requests were made with. */
export type Binding = Record<string, Json>;

const JobEvent = z.discriminatedUnion("event", [
  /** Written before anything is sent. `at` is in milliseconds since the epoch. */
  z.object({
    event: z.literal("planned"),
    job: z.string(),
    ids: z.array(z.string()).min(1),
    at: z.number().default(0),
    options: z.record(z.string(), z.custom<Json>()).default({}),
  }),
  z.object({ event: z.literal("uploaded"), job: z.string(), file: z.string() }),
  /** Written before the batch is asked for: from now on there may be one. */
  z.object({ event: z.literal("creating"), job: z.string() }),
  /** There is none: the provider said so, or it was looked for long enough. */
  z.object({ event: z.literal("not_created"), job: z.string() }),
  z.object({ event: z.literal("created"), job: z.string(), batch: z.string() }),
  /** `failed` are the ids that came back without a reply: they may be sent again. */
  z.object({ event: z.literal("ended"), job: z.string(), failed: z.array(z.string()) }),
]);
/** What happened to a job, by its name. */
export type JobEvent = z.infer<typeof JobEvent>;

/** What this process knows of a job besides its log. */
export interface JobNotes {
  /** Nothing is done for it before this moment. */
  dueAt: number;
  /** Calls that failed in a row. */
  failures: number;
  /** Times that a batch of unknown fate was looked for in vain. */
  lookups: number;
  /** What was last said of the batch. */
  told?: string;
  /** The batch, once it has ended. */
  ended?: RemoteBatch;
}

/** A job as far as it has come. */
export interface Job {
  /** Our own name for it, which stands in the batch's metadata too. */
  name: string;
  /** Custom ids whose replies it holds or will hold. */
  ids: Set<string>;
  /** When it was planned, in milliseconds since the epoch. */
  at: number;
  options: Binding;
  /** The provider's id of the uploaded file. */
  file?: string;
  /** A batch was asked for, and no answer says whether there is one. */
  creating: boolean;
  /** The provider's id of the batch. */
  batch?: string;
  ended: boolean;
  readonly notes: JobNotes;
}

/** The jobs of a run, read from and written to one JSON Lines file. */
export class JobLog {
  readonly #log: LineLog;
  readonly #state = new Jobs();

  constructor(path: string) {
    this.#log = LineLog.open(path);
    this.#log.load((text) => this.#state.read(text));
  }

  /** The job that has been sent, or is to be sent, with this request; undefined where none is. */
  jobOf(id: string): Job | undefined {
    return this.#state.jobOf.get(id);
  }

  /** Jobs whose results have not been fetched, oldest first. */
  open(): Job[] {
    return this.#state.open();
  }

  /** Writes what happened, on disk before it returns. */
  write(event: JobEvent): void {
    this.#log.append(JSON.stringify(event));
    this.#log.syncNow();
    this.#state.apply(event);
  }

  close(): void {
    this.#log.close();
  }
}

/**
 * What stands between a run with these options and the batches that are on their way in its OUT:
 * undefined where nothing does. The log is read beside whoever writes it.
 *
 * @param binding undefined for a run without batches
 */
export function onItsWay(path: string, binding: Binding | undefined): string | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const jobs = new Jobs();
  for (const line of text.split("\n")) jobs.read(line);
  for (const job of jobs.open()) {
    if (job.batch === undefined && !job.creating) continue;
    const name = job.batch === undefined ? "a batch" : `batch ${job.batch}`;
    if (binding === undefined) return `${name} is on its way: --batch fetches it`;
    const changed = Object.keys({ ...job.options, ...binding }).filter((key) =>
      canonicalJson(job.options[key] ?? null) !== canonicalJson(binding[key] ?? null)
    ).map((key) => `${key} ${said(job.options[key])} (now ${said(binding[key])})`);
    if (changed.length > 0) return `${name} with ${changed.join(", ")} is on its way`;
  }
  return undefined;
}

const said = (value: Json | undefined) => JSON.stringify(value ?? null);

/** Jobs as the events make them. */
class Jobs {
  readonly #jobs = new Map<string, Job>();
  /** The job that each custom id is in. */
  readonly jobOf = new Map<string, Job>();

  open(): Job[] {
    return [...this.#jobs.values()].filter((job) => !job.ended);
  }

  /** False for a line that is no event. */
  read(text: string): boolean {
    const event = JobEvent.safeParse(jsonValue(text));
    if (event.success) this.apply(event.data);
    return event.success;
  }

  apply(event: JobEvent): void {
    if (event.event === "planned") {
      const { job: name, at, options } = event;
      const ids = new Set(event.ids);
      const notes = { dueAt: 0, failures: 0, lookups: 0 };
      const job: Job = { name, ids, at, options, creating: false, ended: false, notes };
      this.#jobs.set(name, job);
      for (const id of ids) this.jobOf.set(id, job);
      return;
    }
    const job = this.#jobs.get(event.job);
    if (!job) return;
    switch (event.event) {
      case "uploaded":
        job.file = event.file;
        break;
      case "creating":
        job.creating = true;
        break;
      case "not_created":
        job.creating = false;
        break;
      case "created":
        job.batch = event.batch;
        job.creating = false;
        break;
      case "ended":
        job.ended = true;
        for (const id of event.failed) {
          job.ids.delete(id);
          if (this.jobOf.get(id) === job) this.jobOf.delete(id);
        }
    }
  }
}
