/** How long a server asks to be left alone. */

/**
 * The wait that a reply's headers ask for, in milliseconds: `retry-after-ms`, or `retry-after` in
 * seconds or as an HTTP date (RFC 9110, 10.2.3); undefined where there is none. Never over an hour.
 *
 * @param now milliseconds since the epoch, for dates
 */
export function retryAfterOf(headers: Headers | undefined, now: number): number | undefined {
  const exact = headers?.get("retry-after-ms");
  if (exact) return boundedWait(Number(exact));
  const header = headers?.get("retry-after");
  if (!header) return undefined;
  const seconds = Number(header);
  return boundedWait(Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000);
}

/** A wait that a timer can keep: an hour at most, none below zero; undefined for what is no number. */
export function boundedWait(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 3_600_000) : undefined;
}
