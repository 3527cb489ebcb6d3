/** Seeded random numbers whose streams depend on names, never on the order of work. */
import { createHash } from "node:crypto";

/** Draws uniformly from [0, 1). */
export type Random = () => number;

/**
 * A generator of its own for each list of parts (run seed, prompt id, reply index), so that a
 * reply is the same whatever else stands in its batch. The generator is sfc32, its 128-bit state
 * the first half of SHA-256 over the parts' JSON.
 *
 * @example
 * ```ts
 * import { randomFor } from "thinkset/models";
 * import assert from "node:assert/strict";
 *
 * assert.equal(randomFor(42, "prompt-1", 0)(), randomFor(42, "prompt-1", 0)());
 * assert.notEqual(randomFor(42, "prompt-1", 0)(), randomFor(42, "prompt-1", 1)());
 * ```
 */
export function randomFor(...parts: (string | number)[]): Random {
  const state = createHash("sha256").update(JSON.stringify(parts)).digest();
  let a = state.readInt32LE(0), b = state.readInt32LE(4);
  let c = state.readInt32LE(8), d = state.readInt32LE(12);
  return () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
}

/** A non-negative 31-bit seed for servers that take one, from the same parts. */
export function seedFor(...parts: (string | number)[]): number {
  return Math.floor(randomFor(...parts)() * 0x80000000);
}
