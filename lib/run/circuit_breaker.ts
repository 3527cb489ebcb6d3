/** Stops a run from beating against a server that is down, and ends it where that does not pass. */
import type { StageContext } from "../core/context.ts";
import { messageOf, ModelError } from "../core/errors.ts";

/** When to stop asking, and for how long. */
export interface CircuitBreakerOptions extends Pick<StageContext, "now" | "sleep" | "log"> {
  /** Failures in a row that open the circuit. Default 20. */
  failures?: number;
  /** The first pause between trials while it is open, in milliseconds; doubles to a minute. */
  pauseMs?: number;
  /** The run ends when nothing has come through for this long. Default an hour. */
  giveUpMs?: number;
  /** Rejected requests in a row, with none served before, that end the run. Default 10. */
  rejects?: number;
}

/** Calls through a circuit breaker. */
export interface CircuitBreaker {
  call<T>(send: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/**
 * A circuit breaker over calls that throw `ModelError`. After some failures in a row all but one
 * caller wait, and one tries at growing intervals, until a reply comes. An outage so costs hardly
 * any attempts, however many prompts are waiting.
 *
 * Ends the run (a `ModelError` of kind `fatal`) after an hour of failures, and where the very first
 * requests are all rejected as wrong: then it is the options that are wrong, not the prompts.
 */
export function circuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { now, sleep, log, failures = 20, pauseMs = 1_000 } = options;
  const { giveUpMs = 3_600_000, rejects = 10 } = options;
  let inARow = 0, rejectedInARow = 0, served = false, pause = pauseMs;
  let firstFailureAt = 0, trial: Promise<void> | undefined;

  const succeeded = () => {
    if (inARow >= failures) log("replies are coming again");
    served = true;
    inARow = rejectedInARow = 0;
    pause = pauseMs;
  };

  const failed = (error: ModelError): ModelError => {
    if (inARow++ === 0) firstFailureAt = now();
    const minutes = Math.round((now() - firstFailureAt) / 60_000);
    if (inARow >= failures && now() - firstFailureAt >= giveUpMs) {
      return new ModelError(
        "fatal",
        `nothing but failures for ${minutes} min, ${inARow} in a row; the last: ${
          messageOf(error)
        }`,
      );
    }
    if (inARow === failures) {
      log(`${failures} failures in a row (${messageOf(error)}): trying one request at a time`);
    }
    return error;
  };

  const rejected = (error: ModelError): ModelError => {
    // What the server refuses it has at least answered: it is there.
    inARow = 0;
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
      if (error.kind === "retry") throw failed(error);
      throw error.kind === "reject" ? rejected(error) : error;
    }
  };

  return {
    async call(send, signal) {
      while (inARow >= failures && trial !== undefined) await trial;
      if (inARow < failures) return await attempt(send);
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
