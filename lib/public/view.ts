/**
 * Frames, statistics, charts and HTML of runs and datasets.
 *
 * @module
 */
export {
  bootstrap,
  type BootstrapOptions,
  pairedBootstrap,
  type Part,
  shareOf,
} from "../view/bootstrap.ts";
export type { Series } from "../view/bins.ts";
export { bestOfK } from "../view/charts/best_of_k.ts";
export {
  countsChart,
  type CountsOptions,
  malformedByReason,
  rejectedByReason,
} from "../view/charts/counts.ts";
export {
  heat,
  type HeatOptions,
  rewardAgainstLength,
  rewardAgreement,
} from "../view/charts/heat.ts";
export {
  bestAndWorst,
  histogram,
  type HistogramOptions,
  lengthHistogram,
  marginHistogram,
  rewardHistogram,
  spreadHistogram,
  tokenHistogram,
} from "../view/charts/histogram.ts";
export { keptPairs, keptPairsSlider } from "../view/charts/kept_pairs.ts";
export type { ChartSpec } from "../view/charts/spec.ts";
export { type Agreement, AgreementTally, kendallTau } from "../view/agreement.ts";
export { agreementOfRuns, type NamedScores, type RunsAgreement } from "../view/run_agreement.ts";
export { datasetFrame } from "../view/dataset_frame.ts";
export {
  type Items,
  pairsFrame,
  promptsFrame,
  repliesFrame,
  teacherFrame,
  turnsFrame,
  type TurnsRow,
} from "../view/frames.ts";
export { keptByMargin, type KeptPairs, type PairNumbers } from "../view/kept_by_margin.ts";
export type { PairRow } from "../view/messages.ts";
export {
  cardHtml,
  escapeHtml,
  pairHtml,
  recordHtml,
  type ShownReply,
  viewHtml,
} from "../view/html.ts";
export { pairNumbers, type ReadPair, readPairs } from "../report/read_pairs.ts";
export { decisions } from "../explore/decisions_frame.ts";
export type { Condition, Proof, ProvedModel } from "../prove/conditions.ts";
export type { Trained } from "../prove/trained.ts";
export { kindsChart, proofCharts } from "../prove/proof_charts.ts";
export { readProofs } from "../prove/proof_file.ts";
export type { EvaluatedFigure, EvaluatedFigures, EvaluatedRun } from "../evaluate/evaluate.ts";
export type { FigureName } from "../evaluate/run_figures.ts";
export { rejectsFrame } from "../view/rejects_frame.ts";
export { RepliesBy, type RepliesGroup } from "../view/replies_by.ts";
export { extremes, type RepliesSummary, summarizeReplies } from "../view/replies_summary.ts";
export { type BestOfK, bestOfKCurve, expectedBestOfK } from "../view/best_of_k.ts";
export {
  type Estimate,
  type Interval,
  mean,
  type Numbers,
  pairedInterval,
  pearson,
  quantile,
  ranks,
  spearman,
  standardDeviation,
  wilsonInterval,
} from "../view/statistics.ts";
export { toSvg } from "../view/svg.ts";
