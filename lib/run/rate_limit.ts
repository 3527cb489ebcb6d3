/** Requests and tokens a minute, as the user sets them and as the server's headers tell them. */
import type { StageContext } from "../core/context.ts";
import { parseDuration } from "../core/duration.ts";

/** What the user allows. */
export interface RateLimitOptions extends Pick<StageContext, "monotonic" | "sleep"> {
  requestsPerMinute?: number;
  tokensPerMinute?: number;
}

/** Paces requests. */
export interface RateLimit {
  /** Resolves, in order of asking, when a request of about `tokens` may be sent. */
  take(tokens: number, signal?: AbortSignal): Promise<void>;
  /** Puts right what `take` guessed, when the request's true tokens are known. */
  settle(guessed: number, actual: number): void;
  /** Learns from a reply's `x-ratelimit-*` headers (OpenAI and many who follow it). */
  observe(headers: Headers): void;
}

/** How much of a minute's allowance a set limit lets through at once. */
const BURST = 0.1;

/**
 * A pace kept by buckets that fill evenly over the minute. A limit that the user sets lets a tenth
 * of a minute's allowance through at once; a limit learnt from headers lets through what the server
 * says remains, and only ever slows requests down.
 */
export function rateLimit(options: RateLimitOptions): RateLimit {
  const { monotonic, sleep, requestsPerMinute, tokensPerMinute } = options;
  const set = {
    requests: bucketOf(requestsPerMinute, BURST, monotonic()),
    tokens: bucketOf(tokensPerMinute, BURST, monotonic()),
  };
  const learnt: { requests?: Bucket; tokens?: Bucket } = {};

  const learn = (kind: "requests" | "tokens", headers: Headers) => {
    const limit = numberOf(headers.get(`x-ratelimit-limit-${kind}`));
    const remaining = numberOf(headers.get(`x-ratelimit-remaining-${kind}`));
    if (limit === undefined || remaining === undefined || limit <= 0) return;
    if (learnt[kind]?.perMinute !== limit) learnt[kind] = new Bucket(limit, limit, monotonic());
    learnt[kind]!.atMost(remaining, monotonic());
    const reset = parseDuration(headers.get(`x-ratelimit-reset-${kind}`) ?? "");
    // A reset far longer than a minute tells of a limit a day: it is spread over that time.
    if (remaining === 0 && reset !== undefined && reset > 120_000) {
      learnt[kind]!.slow(reset, monotonic());
    }
  };

  return {
    async take(tokens, signal) {
      const waits = [
        set.requests?.take(1, monotonic()),
        learnt.requests?.take(1, monotonic()),
        set.tokens?.take(tokens, monotonic()),
        learnt.tokens?.take(tokens, monotonic()),
      ];
      const wait = Math.max(0, ...waits.map((ms) => ms ?? 0));
      if (wait > 0) await sleep(wait, signal);
    },
    settle(guessed, actual) {
      set.tokens?.give(guessed - actual);
      learnt.tokens?.give(guessed - actual);
    },
    observe(headers) {
      learn("requests", headers);
      learn("tokens", headers);
    },
  };
}

/** A level that fills evenly up to a capacity and may be overdrawn: who overdraws waits. */
class Bucket {
  #level: number;
  #at: number;
  #perMs: number;

  constructor(readonly perMinute: number, readonly capacity: number, now: number) {
    this.#level = capacity;
    this.#at = now;
    this.#perMs = perMinute / 60_000;
  }

  /** Takes an amount; returns the milliseconds until it has been filled in. */
  take(amount: number, now: number): number {
    this.#fill(now);
    this.#level -= amount;
    return this.#level >= 0 ? 0 : -this.#level / this.#perMs;
  }

  give(amount: number): void {
    this.#level = Math.min(this.capacity, this.#level + amount);
  }

  atMost(level: number, now: number): void {
    this.#fill(now);
    this.#level = Math.min(this.#level, level);
  }

  /** The whole capacity takes `ms` to fill. */
  slow(ms: number, now: number): void {
    this.#fill(now);
    this.#perMs = this.capacity / ms;
  }

  #fill(now: number): void {
    this.#level = Math.min(this.capacity, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
  }
}

function bucketOf(perMinute: number | undefined, burst: number, now: number): Bucket | undefined {
  if (perMinute === undefined) return undefined;
  return new Bucket(perMinute, Math.max(1, perMinute * burst), now);
}

function numberOf(text: string | null): number | undefined {
  const value = text === null || text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
