/** How long a server asks to be left alone. */

/**
 * The wait that a reply's headers ask for, in milliseconds: `retry-after-ms`, or `retry-after` in
 * seconds or as an HTTP date (RFC 9110, 10.2.3); undefined where there is none. Never over an hour.
 *
 * @param now milliseconds since the epoch, for dates
 */
export function retryAfterOf(headers: Headers | undefined, now: number): number | undefined {
  const exact = headers?.get("retry-after-ms");
  if (exact) return bounded(Number(exact));
  const header = headers?.get("retry-after");
  if (!header) return undefined;
  const seconds = Number(header);
  return bounded(Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000);
}

/**
 * A duration as providers write it, in milliseconds: `6m0s`, `1h2m`, `17ms`, `1.5s` (OpenAI's
 * reset headers, Google's RetryInfo); undefined for anything else.
 *
 * @example
 * ```ts
 * import { parseDuration } from "thinkset";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseDuration("6m0.5s"), 360_500);
 * assert.equal(parseDuration("soon"), undefined);
 * ```
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    ms += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return ms;
}

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function bounded(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 3_600_000) : undefined;
}
