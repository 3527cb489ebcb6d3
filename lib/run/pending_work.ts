/** The pending items of a shard at work: slots, attempts, and a stop that lets what is out finish. */
import type { StageContext } from "../core/context.ts";
import { LimitReached, messageOf, ModelError, RunError } from "../core/errors.ts";
import type { Outcomes } from "./outcomes.ts";
import type { Outcome as SlotOutcome } from "./concurrency_limit.ts";
import type { Ledger, PendingItem } from "./ledger.ts";
import type { Progress } from "./progress.ts";
import { ATTEMPTS, withRetries } from "./retry.ts";
import type { ItemOutcome, StageRun } from "./stage_run.ts";
import { withTimeLimit } from "./time_limit.ts";

/** Does what a ledger has pending. */
export class PendingWork<I extends { id: string; where?: string }, R extends { id: string }> {
  /** Aborted when what is in flight is to end. */
  readonly #calls = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();

  /** `stop` is aborted with what ends the run, by this or by others. */
  constructor(
    readonly stage: StageRun<I, R>,
    readonly context: StageContext,
    readonly ledger: Ledger<I>,
    readonly outcomes: Outcomes<I, R>,
    readonly progress: Progress,
    readonly stop: AbortController,
  ) {}

  /** Until all is tried or the run is stopped. What is in flight then has its time of grace. */
  async run(): Promise<void> {
    let grace: ReturnType<typeof setTimeout> | undefined;
    const { signal } = this.stop, { graceMs = 20_000 } = this.stage;
    const wait = () => grace = setTimeout(() => this.end(), graceMs);
    signal.addEventListener("abort", wait, { once: true });
    if (signal.aborted) wait();
    try {
      await this.#begin();
    } catch (error) {
      this.stop.abort(error);
    }
    try {
      await Promise.all(this.#inFlight);
    } finally {
      clearTimeout(grace);
    }
  }

  /** Ends what is in flight: no reply that is still to come could be kept. */
  end(): void {
    this.#calls.abort(new DOMException("stopped", "AbortError"));
  }

  async #begin(): Promise<void> {
    const { stage, stop: { signal } } = this, inFlight = this.#inFlight;
    for await (const next of this.ledger.pending(stage.read())) {
      if (signal.aborted) return;
      if ("bad" in next) {
        this.outcomes.reject(next.row, next.bad.id, next.bad.fault, this.progress);
        continue;
      }
      while (inFlight.size >= 4 * stage.slots.current + 64) await Promise.race(inFlight);
      if (!await this.#slot()) return;
      const task = this.#item(next).finally(() => inFlight.delete(task));
      inFlight.add(task);
    }
  }

  /** False where the run is stopped. */
  async #slot(): Promise<boolean> {
    const { signal } = this.stop;
    return !signal.aborted && await this.stage.slots.acquire(signal).then(() => true, () => false);
  }

  /** One item, whose slot is held, to its end. Throws nothing: a failure may stop the run. */
  async #item({ item, row }: Extract<PendingItem<I>, { item: I }>): Promise<void> {
    const { stage, context, outcomes, progress, stop: { signal } } = this;
    let holding = true;
    const release = (outcome: SlotOutcome) => {
      if (holding) stage.slots.release(outcome);
      holding = false;
    };
    try {
      const outcome = await withRetries(async (attempt) => {
        if (!holding) {
          await stage.slots.acquire(signal);
          holding = true;
        }
        const result = await this.#call(item, attempt);
        release("ok");
        return result;
      }, {
        attempts: stage.attempts ?? ATTEMPTS,
        sleep: context.sleep,
        signal,
        onRetry: (error, waitMs) => {
          release(error.throttled ? "throttled" : "error");
          progress.retry(error, waitMs);
        },
      });
      if ("record" in outcome) outcomes.keep(row, outcome.record, progress);
      else outcomes.reject(row, item.id, outcome.reject, progress);
    } catch (error) {
      release("error");
      this.#failed(error, item, row);
    }
  }

  /** One call; a timeout may pass, so it is a `ModelError` of kind `retry`. */
  async #call(item: I, attempt: number): Promise<ItemOutcome<R>> {
    const { work, timeoutMs } = this.stage;
    return await withTimeLimit(
      timeoutMs,
      this.#calls.signal,
      (signal) => work(item, { attempt, signal }),
      () => new ModelError("retry", `no reply within ${timeoutMs / 1000} s`),
    );
  }

  #failed(error: unknown, { id }: I, row: number): void {
    if (error instanceof ModelError && error.kind === "reject") {
      this.outcomes.reject(
        row,
        id,
        { reason: error.reason, detail: messageOf(error) },
        this.progress,
      );
    } else if (error instanceof ModelError && error.kind === "fatal") {
      this.stop.abort(new RunError(messageOf(error), { cause: error }));
    } else if (error instanceof LimitReached || error instanceof RunError) {
      this.stop.abort(error);
    } else if (!this.stop.signal.aborted || !wasCalledOff(error)) {
      this.outcomes.fail(id, error, this.progress);
    }
  }
}

/** Whether a call ended as calls do that a stop ends, or that are not tried again after it. */
function wasCalledOff(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError" ||
    error instanceof ModelError && error.kind === "retry";
}
