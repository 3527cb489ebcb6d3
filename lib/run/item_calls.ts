/** The calls of a stage that are in flight: each bounded in time, all of them ended by one stop. */
import { ModelError } from "../core/errors.ts";
import type { ItemOutcome, StageRun } from "./stage_run.ts";
import { withTimeLimit } from "./time_limit.ts";

/** Calls a stage's `work`. */
export class ItemCalls<I extends { id: string; where?: string }, R extends { id: string }> {
  /** One controller a call: a signal shared by all of them would hold on to each. */
  readonly #calls = new Set<AbortController>();

  constructor(readonly stage: Pick<StageRun<I, R>, "work" | "timeoutMs">) {}

  /** One call; a timeout may pass, so it is a `ModelError` of kind `retry`. */
  async call(item: I, attempt: number): Promise<ItemOutcome<R>> {
    const { timeoutMs } = this.stage, call = new AbortController();
    this.#calls.add(call);
    try {
      return await withTimeLimit(
        timeoutMs,
        call.signal,
        (signal) => this.stage.work(item, { attempt, signal }),
        () => new ModelError("retry", `no reply within ${timeoutMs / 1000} s`),
      );
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Ends all that are in flight. */
  stop(): void {
    for (const call of this.#calls) call.abort(new DOMException("stopped", "AbortError"));
  }
}
