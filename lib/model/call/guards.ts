/** Wrappers that keep a call from waiting for ever, and a run from beating against an outage. */
import type { CircuitBreaker } from "../../run/circuit_breaker.ts";
import type { Patience } from "../../run/patience.ts";
import type { StallWatch } from "../../run/stall_watch.ts";
import { withTimeLimit } from "../../run/time_limit.ts";
import type { Wrapper } from "./call.ts";

/** Ends a call after `ms` milliseconds with a `ModelError` of kind `retry`. */
export function timeLimited<Q, R>(ms: number): Wrapper<Q, R> {
  return (next) => (request, signal) => withTimeLimit(ms, signal, (both) => next(request, both));
}

/** Ends a call that takes far longer than all others did; see `patience`. */
export function patient<Q extends { id: string }, R>(patience: Patience): Wrapper<Q, R> {
  return (next) => (request, signal) =>
    patience.call(request.id, signal, (either) => next(request, either));
}

/** Holds calls back while nothing comes through; see `circuitBreaker`. `stop` ends the waiting. */
export function unlessDown<Q, R>(breaker: CircuitBreaker, stop?: AbortSignal): Wrapper<Q, R> {
  return (next) => (request, signal) => breaker.call(() => next(request, signal), stop ?? signal);
}

/** Lets a watch say so when nothing comes back for long. */
export function watched<Q, R>(watch: StallWatch): Wrapper<Q, R> {
  return (next) => async (request, signal) => {
    const leave = watch.enter();
    try {
      return await next(request, signal);
    } finally {
      leave();
    }
  };
}
