/** A run's batch jobs on disk: each step is written and flushed before the next is taken. */
import { z } from "zod";
import { LineLog } from "../../../run/line_log.ts";

const Event = z.discriminatedUnion("event", [
  /** Written before anything is sent. */
  z.object({ event: z.literal("planned"), job: z.string(), ids: z.array(z.string()) }),
  z.object({ event: z.literal("uploaded"), job: z.string(), file: z.string() }),
  z.object({ event: z.literal("created"), job: z.string(), batch: z.string() }),
  /** `failed` are the ids that came back without a reply: they may be sent again. */
  z.object({ event: z.literal("ended"), job: z.string(), failed: z.array(z.string()) }),
]);
type Event = z.infer<typeof Event>;

/** A job as far as it has come. */
export interface Job {
  /** Our own name for it, which stands in the batch's metadata too. */
  name: string;
  /** Custom ids whose replies it holds or will hold. */
  ids: Set<string>;
  /** The provider's id of the uploaded file. */
  file?: string;
  /** The provider's id of the batch. */
  batch?: string;
  ended: boolean;
  /** Planned by an earlier process, which may have sent it without living to write that down. */
  recovered: boolean;
}

/** The jobs of a run, read from and written to one JSON Lines file. */
export class JobLog {
  readonly #log: LineLog;
  readonly #jobs = new Map<string, Job>();
  /** The job that each custom id is in. */
  readonly #jobOf = new Map<string, Job>();

  constructor(path: string) {
    this.#log = LineLog.open(path);
    this.#log.load((text) => {
      const event = Event.safeParse(jsonOf(text));
      if (event.success) this.#apply(event.data);
      return event.success;
    });
    for (const job of this.#jobs.values()) job.recovered = true;
  }

  /** The job that has been sent, or is to be sent, with this request; undefined where none is. */
  jobOf(id: string): Job | undefined {
    return this.#jobOf.get(id);
  }

  /** Jobs whose results have not been fetched, oldest first. */
  open(): Job[] {
    return [...this.#jobs.values()].filter((job) => !job.ended);
  }

  plan(name: string, ids: string[]): Job {
    this.#write({ event: "planned", job: name, ids });
    return this.#jobs.get(name)!;
  }

  uploaded(job: Job, file: string): void {
    this.#write({ event: "uploaded", job: job.name, file });
  }

  created(job: Job, batch: string): void {
    this.#write({ event: "created", job: job.name, batch });
  }

  ended(job: Job, failed: string[]): void {
    this.#write({ event: "ended", job: job.name, failed });
  }

  close(): void {
    this.#log.close();
  }

  #write(event: Event): void {
    this.#log.append(JSON.stringify(event));
    this.#log.syncNow();
    this.#apply(event);
  }

  #apply(event: Event): void {
    if (event.event === "planned") {
      const job: Job = { name: event.job, ids: new Set(event.ids), ended: false, recovered: false };
      this.#jobs.set(job.name, job);
      for (const id of event.ids) this.#jobOf.set(id, job);
      return;
    }
    const job = this.#jobs.get(event.job);
    if (!job) return;
    if (event.event === "uploaded") job.file = event.file;
    else if (event.event === "created") job.batch = event.batch;
    else {
      job.ended = true;
      for (const id of event.failed) {
        job.ids.delete(id);
        if (this.#jobOf.get(id) === job) this.#jobOf.delete(id);
      }
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
