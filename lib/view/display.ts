/** Values that a notebook shows as charts or HTML. */
import type { ChartSpec } from "./charts/spec.ts";

/** What the kernel asks a cell's value for. Not `Deno.jupyter`, which throws outside a kernel. */
const DISPLAY = Symbol.for("Jupyter.display");

/** A cell's value that shows itself. */
export interface Displayable {
  /** The kernel's own way of showing it. */
  [key: symbol]: () => Record<string, unknown>;
}

/**
 * A chart as a cell's value.
 *
 * @example
 * ```ts
 * import { showChart } from "thinkset/notebook";
 * import { rewardHistogram } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * const shown = showChart(rewardHistogram([{ name: "think", values: [0.5, 1, 2] }]));
 * const bundle = shown[Symbol.for("Jupyter.display")]!();
 * assert.ok("application/vnd.vegalite.v5+json" in bundle);
 * ```
 */
export function showChart(spec: ChartSpec): Displayable {
  return shownAs(() => ({
    "application/vnd.vegalite.v5+json": spec,
    "text/plain": String(spec.description ?? "a chart"),
  }));
}

/** HTML as a cell's value. The text is taken as it is: what is in it must have been escaped. */
export function showHtml(html: string): Displayable {
  return shownAs(() => ({ "text/html": html }));
}

/** What shows itself as a bundle of types. */
export function shownAs(bundle: () => Record<string, unknown>): Displayable {
  return { [DISPLAY]: bundle };
}
