/** Draws the next token from logits: greedy, temperature, top-k, nucleus. Pure. */

/** How tokens are drawn. */
export interface Sampling {
  /** 0 takes the likeliest token. */
  temperature: number;
  /** 1 for all tokens; else the smallest set of likeliest tokens that holds this mass. */
  topP: number;
  /** 0 for all tokens. */
  topK: number;
}

/** A drawn token, and whether rounding in the model's arithmetic could have changed it. */
export interface Draw {
  token: number;
  sure: boolean;
}

/**
 * How much a logit may differ between two computations of the same token in other batches: some
 * ten times what was measured on models with 32-bit arithmetic.
 */
const LOGIT_NOISE = 1e-4;

/** Draws have 32 bits: a token of less than exp(-25) of the likeliest one's weight never comes. */
const NEVER = -25;

/** The model gave NaN or infinity. */
export class NotFinite extends Error {
  override name = "NotFinite";
}

/**
 * The token that `random` (uniform in [0, 1)) stands for, tokens in the order of their ids.
 *
 * `sure` is false where the draw fell so near a border that another batch's rounding might move it
 * over: the caller then computes the logits in one fixed way, so that what is sampled does not
 * depend on the batch. Throws `NotFinite`.
 */
export function drawToken(logits: Float32Array, sampling: Sampling, random: number): Draw {
  let best = 0, max = -Infinity, second = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit > max) {
      second = max;
      max = logit;
      best = id;
    } else if (logit > second) second = logit;
    else if (Number.isNaN(logit)) throw new NotFinite("a logit is NaN");
  }
  if (!Number.isFinite(max)) throw new NotFinite(`the largest logit is ${max}`);
  if (sampling.temperature === 0 || sampling.topK === 1) {
    return { token: best, sure: max - second > 2 * LOGIT_NOISE };
  }

  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    const exponent = (logits[id]! - max) / sampling.temperature;
    if (exponent > NEVER) total += weights[id] = Math.exp(exponent);
  }
  const noise = LOGIT_NOISE / Math.min(sampling.temperature, 1);
  let doubt = 0;
  if (sampling.topK > 0 || sampling.topP < 1) {
    ({ total, doubt } = keepLikeliest(weights, total, sampling, noise));
  }
  const { token, before, after } = tokenAt(weights, random * total, best);
  // With every logit off by `noise` at most, a border at c of the mass moves by 2 c (1 - c) noise.
  const slack = 2 * noise * random * (1 - random) * total + doubt;
  return { token, sure: Math.min(random * total - before, after - random * total) > slack };
}

/**
 * The token that `random` stands for where the model has weighed the tokens itself, at the
 * temperature that is asked for. Throws `NotFinite`.
 */
export function drawWeighed(weights: Float32Array, sampling: Sampling, random: number): number {
  let total = 0, best = 0;
  for (let id = 0; id < weights.length; id++) {
    total += weights[id]!;
    if (weights[id]! > weights[best]!) best = id;
  }
  if (!(total > 0 && total < Infinity)) throw new NotFinite(`the tokens weigh ${total}`);
  if (sampling.topK === 1) return best;
  if (sampling.topK === 0 && sampling.topP === 1) {
    return tokenAt(weights, random * total, best).token;
  }
  const kept = Float64Array.from(weights);
  return tokenAt(kept, random * keepLikeliest(kept, total, sampling, 0).total, best).token;
}

/** The token in whose share of the mass `target` lies, and the mass before and up to its end. */
function tokenAt(
  weights: Float32Array | Float64Array,
  target: number,
  best: number,
): { token: number; before: number; after: number } {
  let token = best, before = 0, after = 0;
  for (let id = 0; id < weights.length; id++) {
    const weight = weights[id]!;
    if (weight === 0) continue;
    token = id;
    before = after;
    after += weight;
    if (after > target) break;
  }
  return { token, before, after };
}

/**
 * Sets the weights outside top-k, then outside the nucleus of what is left, to 0; of equal weights
 * the lower ids stay. Gives the mass that is left, and the mass that rounding could add or take.
 */
function keepLikeliest(
  weights: Float64Array,
  total: number,
  { topK, topP }: Sampling,
  noise: number,
): { total: number; doubt: number } {
  // No token of the nucleus is lighter than this: all such together would not fill 1 - topP.
  const lightest = topK > 0 ? 0 : (1 - topP) * total / weights.length;
  const sorted = weights.filter((weight) => weight > lightest).sort().reverse();
  let kept = sorted.length, doubt = 0;
  if (topK > 0 && topK < kept) {
    kept = topK;
    doubt += massNear(sorted, kept, noise);
    total = sum(sorted, kept);
  }
  if (topP < 1) {
    const goal = topP * total, slack = noise * total;
    let before = 0, count = 0;
    for (let i = 0; i < kept && before <= goal + slack; i++) {
      if (Math.abs(before - goal) <= slack) doubt += sorted[i]!;
      if (before < goal) count++;
      before += sorted[i]!;
    }
    if (count < kept) doubt += massNear(sorted, count, noise);
    kept = count;
    total = sum(sorted, kept);
  }
  dropAllBut(weights, sorted, kept);
  return { total, doubt };
}

/** The mass of the weights that could change sides of a cut after the first `kept`. */
function massNear(sorted: Float64Array, kept: number, noise: number): number {
  const inside = sorted[kept - 1]!, outside = sorted[kept] ?? 0;
  if (inside - outside > 2 * noise * inside) return 0;
  let mass = 0;
  for (let i = kept - 1; i >= 0 && sorted[i]! - outside <= 2 * noise * inside; i--) {
    mass += sorted[i]!;
  }
  return mass;
}

function dropAllBut(weights: Float64Array, sorted: Float64Array, kept: number): void {
  const lightest = sorted[kept - 1]!;
  let equals = 0;
  for (let i = kept - 1; i >= 0 && sorted[i] === lightest; i--) equals++;
  for (let id = 0; id < weights.length; id++) {
    const weight = weights[id]!;
    if (weight < lightest || (weight === lightest && equals-- <= 0)) weights[id] = 0;
  }
}

function sum(values: Float64Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i]!;
  return total;
}
