/** Intervals of figures over prompts, by drawing the prompts anew. */
import { randomFor } from "../core/random.ts";
import { type Estimate, quantile } from "./statistics.ts";

export type { Estimate };

/** What one prompt gives to a figure: `of` of its `all` replies are right, say. */
export interface Part {
  /** The count or the sum. */
  of: number;
  /** What it is a share of. */
  all: number;
}

/** How intervals are drawn. */
export interface BootstrapOptions {
  /** Draws; default 2,000. */
  draws?: number;
  /** Seed of the draws; default 42. */
  seed?: number;
}

/** A share over all prompts: the sum of `of` over the sum of `all`; NaN of nothing. */
export function shareOf(parts: readonly Part[]): number {
  return drawnShare(parts, parts.keys());
}

/**
 * A share over prompts with its 95% interval, by the percentile bootstrap (Efron and Tibshirani,
 * An Introduction to the Bootstrap, ch. 13): replies to one prompt stay together. It tells of the
 * prompts alone, not of another seed in sampling or training. NaN of fewer than two prompts.
 *
 * @example
 * ```ts
 * import { bootstrap } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * const parts = Array.from({ length: 50 }, (_, i) => ({ of: i % 2, all: 1 }));
 * const { value, low, high } = bootstrap(parts);
 * assert.equal(value, 0.5);
 * assert.ok(low > 0.3 && low < 0.45 && high < 0.7);
 * ```
 */
export function bootstrap(parts: readonly Part[], options: BootstrapOptions = {}): Estimate {
  return estimate(parts.length, (picked) => drawnShare(parts, picked), shareOf(parts), options);
}

/**
 * The difference of two shares over the same prompts, in the same order, with its 95% interval by
 * the paired bootstrap: each draw takes a prompt on both sides.
 *
 * @example
 * ```ts
 * import { pairedBootstrap } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * const before = Array.from({ length: 60 }, (_, i) => ({ of: i % 3, all: 8 }));
 * const after = before.map(({ of, all }) => ({ of: of + 1, all }));
 * const { value, low, high } = pairedBootstrap(after, before);
 * assert.deepEqual([value, low, high].map((x) => x.toFixed(3)), ["0.125", "0.125", "0.125"]);
 * ```
 */
export function pairedBootstrap(
  run: readonly Part[],
  base: readonly Part[],
  options: BootstrapOptions = {},
): Estimate {
  const value = shareOf(run) - shareOf(base);
  const drawn = (picked: Uint32Array) => drawnShare(run, picked) - drawnShare(base, picked);
  return estimate(run.length, drawn, value, options);
}

function drawnShare(parts: readonly Part[], picked: Iterable<number>): number {
  let of = 0, all = 0;
  for (const at of picked) {
    of += parts[at]!.of;
    all += parts[at]!.all;
  }
  return of / all;
}

function estimate(
  prompts: number,
  figureOf: (picked: Uint32Array) => number,
  value: number,
  options: BootstrapOptions,
): Estimate {
  return intervalOf(value, drawnFigures(prompts, figureOf, options));
}

/**
 * A figure of each draw of `prompts` prompts, by their numbers; none of fewer than two. Figures of
 * different `name` are drawn apart.
 */
export function drawnFigures(
  prompts: number,
  figureOf: (picked: Uint32Array) => number,
  { draws = 2000, seed = 42, name = "bootstrap" }: BootstrapOptions & { name?: string } = {},
): number[] {
  if (prompts < 2) return [];
  const random = randomFor(name, seed), picked = new Uint32Array(prompts);
  return Array.from({ length: draws }, () => {
    for (let i = 0; i < prompts; i++) picked[i] = Math.floor(random() * prompts);
    return figureOf(picked);
  });
}

/** A figure with the middle 95% of its draws; NaN where there are none. */
export function intervalOf(value: number, drawn: readonly number[]): Estimate {
  // A draw of prompts that say nothing of the figure.
  const sorted = Float64Array.from(drawn.filter((figure) => !Number.isNaN(figure))).sort();
  if (sorted.length === 0) return { value, low: NaN, high: NaN };
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}
