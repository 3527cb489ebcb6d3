/** A bound on one request's time: connecting, waiting and reading together. */
import { ModelError } from "../core/errors.ts";

/**
 * Calls with a signal that is aborted after `ms` milliseconds or with `signal`. Does not wait for
 * a call that ignores its signal: sockets can hang where no abort reaches.
 *
 * Throws a `ModelError` of kind `retry` when the time is up, and `signal`'s reason when it aborts.
 */
export async function withTimeLimit<T>(
  ms: number,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const ended = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    reject(reason);
    ended.abort(reason);
  };
  const stop = () => end(signal!.reason);
  const timer = setTimeout(
    () => end(new ModelError("retry", `no reply within ${ms / 1000} s`)),
    ms,
  );
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([call(ended.signal), over]);
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}
