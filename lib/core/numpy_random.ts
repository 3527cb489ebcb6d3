/** NumPy's legacy random permutation, so that a seed means the split it means in Python. */

const STATE_WORDS = 624;
const TWIST_OFFSET = 397;

/**
 * The order that `np.random.seed(seed); np.random.permutation(n)` gives: MT19937 seeded by one
 * 32-bit word (Knuth's linear recurrence) and a Fisher–Yates shuffle from the end, whose indices
 * are drawn by masking and rejection.
 *
 * @param seed 0 to 2³² − 1; NumPy refuses others, and so does this with a RangeError.
 * @param n How many, below 2³².
 *
 * @example
 * ```ts
 * import { numpyPermutation } from "thinkset/records";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...numpyPermutation(42, 10)], [8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
 * ```
 */
export function numpyPermutation(seed: number, n: number): Uint32Array<ArrayBuffer> {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError(`A seed must be a whole number from 0 to 4294967295, not ${seed}.`);
  }
  const next = mersenneTwister(seed);
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  for (let last = n - 1; last > 0; last--) {
    const other = drawUpTo(last, next);
    const moved = order[last]!;
    order[last] = order[other]!;
    order[other] = moved;
  }
  return order;
}

/** A whole number from 0 to `max`, each as likely: words are masked to its bits until one fits. */
function drawUpTo(max: number, next: () => number): number {
  const mask = 0xffffffff >>> Math.clz32(max);
  let value: number;
  do value = (next() & mask) >>> 0; while (value > max);
  return value;
}

/** MT19937: each call gives the next 32-bit word. */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(STATE_WORDS);
  state[0] = seed;
  for (let i = 1; i < STATE_WORDS; i++) {
    const before = state[i - 1]!;
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  let position = STATE_WORDS;
  return () => {
    if (position === STATE_WORDS) {
      twist(state);
      position = 0;
    }
    let word = state[position++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    word ^= word >>> 18;
    return word >>> 0;
  };
}

/** Makes the next 624 words of MT19937's state in place. */
function twist(state: Uint32Array): void {
  for (let i = 0; i < STATE_WORDS; i++) {
    const joined = (state[i]! & 0x80000000) | (state[(i + 1) % STATE_WORDS]! & 0x7fffffff);
    const odd = joined & 1 ? 0x9908b0df : 0;
    state[i] = state[(i + TWIST_OFFSET) % STATE_WORDS]! ^ (joined >>> 1) ^ odd;
  }
}
