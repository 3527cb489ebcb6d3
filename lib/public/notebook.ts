/**
 * What a notebook's cell shows: progress while a stage runs, charts, and HTML.
 *
 * @module
 */
export { cellProgress, type Show } from "../view/cell_progress.ts";
export { type Displayable, showChart, showHtml } from "../view/display.ts";
export { showFrame, type ShowFrameOptions } from "../view/show_frame.ts";
export type { CallOptions } from "../run/define_stage.ts";
export type { ProgressSnapshot, StageContext } from "../core/context.ts";
export type { ChartSpec } from "../view/charts/spec.ts";
