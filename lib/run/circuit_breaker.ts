/** Stops a run from beating against a server that is down, and ends it where that does not pass. */
import type { StageContext } from "../core/context.ts";
import { messageOf, ModelError } from "../core/errors.ts";

/** When to stop asking, and for how long. */
export interface CircuitBreakerOptions extends Pick<StageContext, "monotonic" | "sleep" | "log"> {
  /** Failures in a row that open the circuit, if they go on for `failingMs`. Default 20. */
  failures?: number;
  /** A burst of refusals is no outage: failures must go on for this long. Default 10,000. */
  failingMs?: number;
  /** The first pause between trials while it is open, in milliseconds; doubles to a minute. */
  pauseMs?: number;
  /** The run ends when nothing has come through for this long. Default an hour. */
  giveUpMs?: number;
  /**
   * Where no reply has come yet, failures for so long end the run: an address or a server that is
   * wrong from the start is no outage. Refusals for too many requests don't count. Default 30,000.
   */
  startMs?: number;
  /** Rejected requests in a row, with none served before, that end the run. Default 10. */
  rejects?: number;
}

/** Fewer failures than this say nothing about a server. */
const FEWEST = 5;

/** Calls through a circuit breaker. */
export interface CircuitBreaker {
  call<T>(send: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * A circuit breaker over calls that throw `ModelError`. After some failures in a row all but one
 * caller wait, and one tries at growing intervals, until a reply comes. An outage so costs hardly
 * any attempts, however many prompts are waiting. Failures that are no outages (`outage` of the
 * `ModelError` is false) count as replies.
 *
 * Ends the run (a `ModelError` of kind `fatal`) after an hour of failures, after half a minute where
 * no reply has come before, and where the very first requests are all rejected as wrong: then it is
 * the options that are wrong, not the prompts.
 */
export function circuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { monotonic, sleep, log, failures = 20, pauseMs = 1_000 } = options;
  const { failingMs = 10_000, giveUpMs = 3_600_000, startMs = 30_000, rejects = 10 } = options;
  let inARow = 0, throttled = false, rejectedInARow = 0, served = false, pause = pauseMs;
  let firstFailureAt = 0, open = false, trial: Promise<void> | undefined;
  /** What ended the run: whoever still waits for a turn hears it too. */
  let ended: ModelError | undefined;

  const close = () => {
    if (open) log("replies are coming again");
    open = false;
    inARow = 0;
    throttled = false;
    pause = pauseMs;
  };

  const succeeded = () => {
    served = true;
    rejectedInARow = 0;
    close();
  };

  const failed = (error: ModelError): ModelError => {
    if (inARow++ === 0) firstFailureAt = monotonic();
    throttled ||= error.throttled;
    const failingFor = monotonic() - firstFailureAt;
    const fromTheStart = !served && !throttled;
    if (fromTheStart && inARow >= FEWEST && failingFor >= startMs) {
      return new ModelError(
        "fatal",
        `no reply has come in ${Math.round(failingFor / 1000)} s and ${inARow} requests; ` +
          `the last: ${messageOf(error)}`,
      );
    }
    if (open && failingFor >= giveUpMs) {
      return new ModelError(
        "fatal",
        `nothing but failures for ${Math.round(failingFor / 60_000)} min, ${inARow} in a row; ` +
          `the last: ${messageOf(error)}`,
      );
    }
    if (!open && inARow >= failures && (fromTheStart || failingFor >= failingMs)) {
      open = true;
      log(`${inARow} failures in a row (${messageOf(error)}): trying one request at a time`);
    }
    return error;
  };

  const rejected = (error: ModelError): ModelError => {
    // A server that refuses has at least answered.
    close();
    if (served || error.reason !== "bad_request" || ++rejectedInARow < rejects) return error;
    return new ModelError(
      "fatal",
      `the first ${rejects} requests were all refused as wrong; the last: ${messageOf(error)}`,
    );
  };

  const attempt = async <T>(send: () => Promise<T>): Promise<T> => {
    try {
      const reply = await send();
      succeeded();
      return reply;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const known = error.kind === "reject"
        ? rejected(error)
        : error.kind === "retry" && error.outage
        ? failed(error)
        : error;
      if (error.kind === "retry" && !error.outage) close();
      if (known.kind === "fatal") ended = known;
      throw known;
    }
  };

  return {
    async call(send, signal) {
      while (open && trial !== undefined) await trial;
      if (ended) throw ended;
      if (!open) return await attempt(send);
      const { promise, resolve } = Promise.withResolvers<void>();
      trial = promise;
      try {
        await sleep(pause, signal);
        pause = Math.min(60_000, pause * 2);
        return await attempt(send);
      } finally {
        trial = undefined;
        resolve();
      }
    },
  };
}
