/**
 * thinkset: from a base model and prompts to SFT and DPO data, with and without thinking.
 *
 * Everything that notebooks and programs import; re-exports only.
 */

// core: records, errors, hashes, random numbers
export { canonicalJson, type Json, promptId, sha256 } from "./core/canonical.ts";
export { Decision } from "./core/decisions.ts";
export { defaultContext, type ProgressSnapshot, type StageContext } from "./core/context.ts";
export { parseDuration } from "./core/duration.ts";
export { InputError, LimitReached, ModelError, RunError } from "./core/errors.ts";
export { Counts, FileEntry, Manifest } from "./core/manifest.ts";
export { numpyPermutation } from "./core/numpy_random.ts";
export { type Random, randomFor, seedFor } from "./core/random.ts";
export {
  Answer,
  Extra,
  FinishReason,
  Format,
  Message,
  PolicyRecord,
  PolicyReply,
  Prompt,
  Reject,
  ScoredRecord,
  ScoredReply,
  TeacherRecord,
  Usage,
  Variant,
} from "./core/records.ts";

// io: reading prompts and records
export { hasLoneSurrogate, promptFault } from "./io/messages.ts";
export { readDecisions } from "./io/read_decisions.ts";
export { readPrompts } from "./io/read_prompts.ts";
export { readPolicyRecords, readScoredRecords, readTeacherRecords } from "./io/read_records.ts";
export { readRejects } from "./io/read_rejects.ts";
export { readRows } from "./io/read_rows.ts";

// reply: formats and chat templates
export { type ChatTemplate, loadChatTemplate } from "./reply/chat_template.ts";
export {
  faultOf,
  hasThought,
  MALFORMED_REASONS,
  type MalformedReason,
  type ParsedReply,
  parseReply,
  prefillFor,
  prefillOf,
  renderReply,
  type ReplyOrigin,
  type ReplyParts,
  stopsOf,
} from "./reply/format.ts";
export { faultPlace } from "./reply/fault_place.ts";
export { splitInlineThought } from "./reply/inline_thought.ts";
export { promptedFormat, promptedTemplate } from "./reply/prompted_template.ts";
export { pythonStrip } from "./reply/python_strip.ts";
export { parseSimulated, SIMULATED_REPAIRS, type SimulatedRepair } from "./reply/simulated.ts";
export { parseStructured } from "./reply/structured.ts";

// model: ports and SPECs
export { EMBEDDED_POLICY, EMBEDDED_PROMPTS, EMBEDDED_REWARD } from "./model/embedded/paths.ts";
export type { ChatModel, ChatReply, ChatRequest } from "./model/chat_model.ts";
export { costOf } from "./model/prices/cost.ts";
export {
  loadPrices,
  type ModelPrice,
  priceOf,
  type PriceTable,
} from "./model/prices/price_table.ts";
export type { RewardModel, Score, ScoringItem } from "./model/reward_model.ts";
export { parseSpec, type Spec } from "./model/spec.ts";
export type { Completion, CompletionRequest, TextModel } from "./model/text_model.ts";

// run: the stage runner
export { adaptiveLimit, type ConcurrencyLimit, fixedLimit } from "./run/concurrency_limit.ts";
export { runStage, type StageRun } from "./run/run_stage.ts";
export { shardFrom } from "./run/shard.ts";

// stages
export { buildDpo } from "./dataset/dpo/dpo.ts";
export { BuildDpoOptions } from "./dataset/dpo/dpo_options.ts";
export { choosePairs } from "./dataset/dpo/dpo_pairs.ts";
export { groupedSplit } from "./dataset/split/grouped_split.ts";
export { ScoreScale } from "./dataset/dpo/score_scale.ts";
export { pushDataset, PushOptions } from "./dataset/push.ts";
export { buildRl, BuildRlOptions } from "./dataset/rl/rl.ts";
export { buildSft } from "./dataset/sft/sft.ts";
export { BuildSftOptions } from "./dataset/sft/sft_options.ts";
export { PROBE_THOUGHT, thoughtFault } from "./dataset/tokens/template_check.ts";
export { launch } from "./launch/launch.ts";
export { shellQuote } from "./launch/shell_quote.ts";
export { samplePolicy, SamplePolicyOptions } from "./policy/sample_policy.ts";
export {
  createPromptedModel,
  CreatePromptedModelOptions,
  type PromptedModel,
} from "./prompted/create_prompted_model.ts";
export { scoreResponses, ScoreResponsesOptions } from "./reward/score_responses.ts";
export {
  estimateLines,
  estimateTeacher,
  type TeacherEstimate,
} from "./teacher/estimate_teacher.ts";
export { instructed } from "./teacher/instruction.ts";
export { languageOf } from "./teacher/language.ts";
export { lintThought, THOUGHT_FLAGS, type ThoughtFlag } from "./teacher/lint.ts";
export { sampleTeacher, SampleTeacherOptions } from "./teacher/sample_teacher.ts";

// explore: a page to look through runs, and decisions by hand
export type { Explorer } from "./explore/explore.ts";
export { decisions } from "./explore/decisions_frame.ts";
export { explore } from "./stages.ts";

// view: frames, numbers, charts and HTML for notebooks and reports
export { cellProgress } from "./view/cell_progress.ts";
export { bestOfK } from "./view/charts/best_of_k.ts";
export { countsChart, malformedByReason, rejectedByReason } from "./view/charts/counts.ts";
export { heat, rewardAgainstLength, rewardAgreement } from "./view/charts/heat.ts";
export {
  bestAndWorst,
  histogram,
  lengthHistogram,
  marginHistogram,
  rewardHistogram,
  type Series,
  spreadHistogram,
  tokenHistogram,
} from "./view/charts/histogram.ts";
export {
  keptByMargin,
  keptPairs,
  keptPairsSlider,
  type PairNumbers,
} from "./view/charts/kept_pairs.ts";
export type { ChartSpec } from "./view/charts/spec.ts";
export { type Agreement, AgreementTally, kendallTau } from "./view/agreement.ts";
export { datasetFrame } from "./view/dataset_frame.ts";
export { type Displayable, showChart, showHtml } from "./view/display.ts";
export { pairsFrame, promptsFrame, repliesFrame, teacherFrame, turnsFrame } from "./view/frames.ts";
export type { PairRow } from "./view/messages.ts";
export { cardHtml, escapeHtml, pairHtml, recordHtml, type ShownReply } from "./view/html.ts";
export { rejectsFrame } from "./view/rejects_frame.ts";
export { extremes, type RepliesSummary, summarizeReplies } from "./view/replies_summary.ts";
export {
  bestOfKCurve,
  expectedBestOfK,
  type Interval,
  mean,
  pairedInterval,
  pearson,
  quantile,
  ranks,
  spearman,
  standardDeviation,
  wilsonInterval,
} from "./view/statistics.ts";
export { toSvg } from "./view/svg.ts";
