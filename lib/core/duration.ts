/** Durations as providers write them. */

/**
 * A duration in milliseconds: `6m0s`, `1h2m`, `17ms`, `1.5s` (OpenAI's reset headers, Google's
 * RetryInfo), or plain seconds; undefined for anything else.
 *
 * @example
 * ```ts
 * import { parseDuration } from "./duration.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseDuration("6m0.5s"), 360_500);
 * assert.equal(parseDuration("2"), 2_000);
 * assert.equal(parseDuration("soon"), undefined);
 * ```
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    ms += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return ms;
}

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
