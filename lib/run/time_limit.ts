/** A bound on one request's time: connecting, waiting and reading together. */
import { ModelError } from "../core/errors.ts";

/** A timer this late tells of a process that was stopped: by a laptop's lid, by SIGSTOP. */
const STOPPED_MS = 1_000;
/** How long sockets have after that to bring what came meanwhile. */
const TURN_MS = 5_000;

/** Whether a timer that was to fire after `dueMs` fired so late that the process was stopped. */
export function wasStopped(dueMs: number, tookMs: number): boolean {
  return tookMs > dueMs + STOPPED_MS;
}

/**
 * Calls `late` when `ms` have passed (never where they are infinite); returns what calls it off.
 * After a process was stopped its timers fire before its sockets are read: what came meanwhile has
 * its turn first.
 */
export function whenLate(ms: number, late: () => void): () => void {
  if (ms === Infinity) return () => {};
  let timer: ReturnType<typeof setTimeout>;
  const wait = (ms: number, left: number) => {
    const began = performance.now();
    timer = setTimeout(() => {
      if (wasStopped(ms, performance.now() - began)) wait(Math.min(TURN_MS, ms), left);
      else if (left > 0) wait(Math.min(left, ms), left - Math.min(left, ms));
      else late();
    }, ms);
  };
  // In parts, so that a stop early on leaves its turn at the end to the last part.
  const part = Math.min(ms, Math.max(TURN_MS, ms / 4));
  wait(part, ms - part);
  return () => clearTimeout(timer);
}

/**
 * Calls with a signal that is aborted after `ms` milliseconds or with `signal`. Does not wait for
 * a call that ignores its signal: sockets can hang where no abort reaches.
 *
 * Throws what `late` gives when the time is up, by default a `ModelError` of kind `retry`, and
 * `signal`'s reason when it aborts.
 */
export async function withTimeLimit<T>(
  ms: number,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
  late: () => Error = () =>
    new ModelError("retry", `no reply within ${ms / 1000} s`, { paid: "unknown" }),
): Promise<T> {
  signal?.throwIfAborted();
  const ended = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    reject(reason);
    ended.abort(reason);
  };
  const stop = () => end(signal!.reason);
  const callOff = whenLate(ms, () => end(late()));
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([call(ended.signal), over]);
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    callOff();
    signal?.removeEventListener("abort", stop);
  }
}
