/** A call to a model on servers of one's own. */
import { circuitBreaker, type CircuitBreakerOptions } from "../../run/circuit_breaker.ts";
import { type Call, wrapped } from "../call/call.ts";
import { unlessDown } from "../call/guards.ts";
import type { ServerPool } from "./server_pool.ts";

/** A server of one's own that fails for so long is broken. */
const GIVE_UP_MS = 300_000;

/** Sends each request to a server of the pool's choice; requests wait while all of them fail. */
export function pooledCall<Q, R>(
  pool: ServerPool,
  context: CircuitBreakerOptions,
  send: (url: string, request: Q, signal: AbortSignal) => Promise<R>,
): Call<Q, R> {
  return wrapped(
    (request, signal) => pool.run((url, either) => send(url, request, either), signal),
    [unlessDown(circuitBreaker({ ...context, giveUpMs: GIVE_UP_MS }))],
  );
}
