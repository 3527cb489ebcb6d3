/** How long a call may take: hung connections are told from slow replies by the others. */
import type { StageContext } from "../core/context.ts";
import { ModelError } from "../core/errors.ts";
import { wasStopped, withTimeLimit } from "./time_limit.ts";

/** When to give up a call. */
export interface PatienceOptions extends Pick<StageContext, "monotonic"> {
  /** A first call may take this many times as long as the slowest reply so far. Default 20. */
  times?: number;
  /** It is never given up sooner, in milliseconds. Default 15,000. */
  leastMs?: number;
  /** Replies that must be there before anything is judged. Default 20. */
  replies?: number;
  /** How often calls are looked at, in milliseconds. Default 1,000. */
  everyMs?: number;
}

/** A bound on calls. */
export interface Patience {
  /** Calls, and throws a `ModelError` of kind `retry` when patience ends. */
  call<T>(
    id: string,
    signal: AbortSignal | undefined,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  close(): void;
}

/** Each call of the same item that was given up lets the next one take this many times as long. */
const GROWTH = 4;

/**
 * Patience that learns from the replies there are, also for calls that began before them. An item
 * that was given up gets four times as long the next time, in case it is slow and not hung.
 */
export function patience(options: PatienceOptions): Patience {
  const { monotonic, times = 20, leastMs = 15_000, replies = 20, everyMs = 1_000 } = options;
  const calls = new Set<{ id: string; start: number; giveUp: AbortController }>();
  const givenUp = new Map<string, number>();
  let seen = 0, slowest = 0, lookedAt = performance.now();

  const look = () => {
    const since = performance.now() - lookedAt;
    lookedAt += since;
    if (wasStopped(everyMs, since)) {
      // The time counts for no call: one may not even have been sent when the process was stopped.
      for (const one of calls) one.start += since;
      return;
    }
    if (seen < replies) return;
    for (const { id, start, giveUp } of calls) {
      const bound = Math.max(leastMs, times * slowest) * GROWTH ** (givenUp.get(id) ?? 0);
      if (monotonic() - start < bound || giveUp.signal.aborted) continue;
      givenUp.set(id, (givenUp.get(id) ?? 0) + 1);
      const seconds = Math.round(bound / 1000);
      giveUp.abort(
        new ModelError("retry", `no reply within ${seconds} s, while others took far less`, {
          paid: "unknown",
        }),
      );
    }
  };
  const timer = setInterval(look, everyMs);
  Deno.unrefTimer(timer);

  return {
    async call(id, signal, send) {
      const giveUp = new AbortController();
      const one = { id, start: monotonic(), giveUp };
      const stop = () => giveUp.abort(signal!.reason);
      signal?.throwIfAborted();
      signal?.addEventListener("abort", stop, { once: true });
      calls.add(one);
      try {
        const reply = await withTimeLimit(Infinity, giveUp.signal, send);
        seen++;
        slowest = Math.max(slowest, monotonic() - one.start);
        givenUp.delete(id);
        return reply;
      } finally {
        calls.delete(one);
        signal?.removeEventListener("abort", stop);
      }
    },
    close: () => clearInterval(timer),
  };
}
