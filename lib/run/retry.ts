/** Asking again what may pass: exponential back-off with full jitter. */
import { ModelError } from "../core/errors.ts";
import type { StageContext } from "../core/context.ts";
import type { Random } from "../core/random.ts";

/** Times that the runner gives an item to a model, the first included, where a stage says nothing. */
export const ATTEMPTS = 6;

/** The same for models that are paid for: limits and overload are usual there. */
export const PAID_ATTEMPTS = 10;

/** Failures of one item that are paid for all the same: replies that broke off or cannot be read. */
const PAID_FAILURES = 3;

/** The longest wait that a server may ask for: an hour. */
const MOST_MS = 3_600_000;

/** How often and how patiently to ask again. */
export interface RetryOptions {
  /** Calls at most, the first included. */
  attempts: number;
  /**
   * The first wait is drawn from [0, this), in milliseconds; it doubles with every attempt. Where
   * there were too many requests, fewer are in flight at once: half of it does for the first.
   */
  baseMs?: number;
  /** No wait is longer, unless a server asks for it. */
  capMs?: number;
  random?: Random;
  sleep: StageContext["sleep"];
  /** Ends the waiting; the last error is thrown. */
  signal?: AbortSignal;
  /** Told of every failure that is followed by another attempt. */
  onRetry?: (error: ModelError, waitMs: number) => void;
}

/**
 * Calls `call(attempt)` until it returns, throws what cannot pass, or attempts run out; then the
 * last error is thrown. Only a `ModelError` of kind `retry` is tried again, after a wait drawn
 * uniformly from [0, base × 2^attempt) and never shorter than the server asked for.
 *
 * Full jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export async function withRetries<T>(
  call: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { attempts, baseMs = 1_000, capMs = 60_000, random = Math.random } = options;
  let paid = 0;
  for (let attempt = 0;; attempt++) {
    try {
      return await call(attempt);
    } catch (error) {
      const mayPass = error instanceof ModelError && error.kind === "retry";
      if (mayPass && error.paid !== undefined && ++paid >= PAID_FAILURES) throw error;
      if (!mayPass || attempt + 1 >= attempts || options.signal?.aborted) throw error;
      const most = attempt === 0 && error.throttled ? baseMs / 2 : baseMs * 2 ** attempt;
      const jitter = random() * Math.min(capMs, most);
      const asked = error.retryAfterMs;
      // Bounded, as timers of more than 24.8 days ring at once.
      const wait = asked === undefined ? jitter : Math.min(asked, MOST_MS) + random() * baseMs;
      options.onRetry?.(error, wait);
      try {
        await options.sleep(wait, options.signal);
      } catch {
        throw error;
      }
    }
  }
}
