/**
 * thinkset: from a base model and prompts to SFT and DPO data, with and without thinking.
 *
 * The stages, each a function of its options: `await samplePolicy(options)`, or
 * `await samplePolicy(options, { context, model })`. Their command lines are `deno task NAME`. What
 * else there is: `thinkset/records` (reading and writing records and prompts), `thinkset/reply`
 * (formats and chat templates), `thinkset/models` (ports, SPECs, prices), `thinkset/view` (frames,
 * charts, statistics, HTML) and `thinkset/notebook` (showing them in a cell).
 *
 * @module
 */

// The stages, in the order in which they are run.
export { createPromptedModel } from "./prompted/stage.ts";
export { estimateTeacher, sampleTeacher } from "./teacher/stage.ts";
export { buildSft } from "./dataset/sft/sft_stage.ts";
export { estimatePolicy, samplePolicy } from "./policy/stage.ts";
export { estimateJudge, scoreResponses } from "./reward/stage.ts";
export { buildDpo } from "./dataset/dpo/dpo_stage.ts";
export { buildRl } from "./dataset/rl/rl_stage.ts";
export { checkReward } from "./check_reward/stage.ts";
export { evaluate } from "./evaluate/stage.ts";
export { checkTraining } from "./training/stage.ts";
export { explore, push, report, stages, verify } from "./stages.ts";

// What they take.
export type {
  BuildDpoOptions,
  BuildRlOptions,
  BuildSftOptions,
  CheckRewardOptions,
  CheckTrainingOptions,
  CreatePromptedModelOptions,
  EvaluateOptions,
  ExploreOptions,
  Format,
  PushOptions,
  ReportOptions,
  SamplePolicyOptions,
  SampleTeacherOptions,
  ScoreResponsesOptions,
  Variant,
  VerifyOptions,
} from "./public/types.ts";
export type {
  Around,
  DatasetKind,
  Leaves,
  RecordsKind,
  Stage,
  StageFacts,
} from "./run/define_stage.ts";
// A model that a call may bring with it; more of them in thinkset/models.
export type { ChatModel, ChatReply, ChatRequest, Thinking } from "./model/chat_model.ts";
export type { Policy } from "./model/open.ts";
export type { RewardModel, Score, ScoringItem } from "./model/reward_model.ts";
export type { Completion, CompletionRequest, TextModel } from "./model/text_model.ts";
export { type ProgressSnapshot, type StageContext } from "./core/context.ts";
export {
  EMBEDDED_POLICY,
  EMBEDDED_PROMPTS,
  EMBEDDED_REWARD,
  EMBEDDED_TRAIN_PROMPTS,
} from "./model/embedded/paths.ts";

// What they come to.
export type { DatasetResult } from "./dataset/build/dataset_folder.ts";
export type {
  EvaluatedFigure,
  EvaluatedFigures,
  EvaluatedRun,
  Evaluation,
} from "./evaluate/evaluate.ts";
export type { RewardCheck } from "./check_reward/check_reward.ts";
export type { Ranked, Ranker } from "./check_reward/rankers.ts";
export type { CheckedReward } from "./io/reward_check_file.ts";
export type { BenchScore, BenchSubset } from "./check_reward/reward_bench.ts";
export type { Defect, DefectName } from "./check_reward/defects.ts";
export type { CalibrationBin } from "./evaluate/ranking.ts";
export type { JudgeEstimate } from "./reward/estimate_judge.ts";
export type { QuickRule } from "./evaluate/labels.ts";
export type { FigureName } from "./evaluate/run_figures.ts";
export type { PushResult } from "./dataset/push.ts";
export type { Explore } from "./explore/stage.ts";
export type { Explorer } from "./explore/explore.ts";
export type { PromptedModel } from "./prompted/create_prompted_model.ts";
export type { Reported } from "./report/report.ts";
export type { Subject, SubjectKind } from "./report/subject.ts";
export type { RunResult } from "./run/stage_run.ts";
export type { CheckedTraining } from "./training/check_training.ts";
export type { PartTokens } from "./training/part_tokens.ts";
export type { BrokenRule, TrainingCheck } from "./training/summary.ts";
export type { Finding } from "./verify/finding.ts";
export type { Verified } from "./verify/verify.ts";
export type { CostEstimate } from "./model/paid/estimate.ts";
export type { RepliesResult, TeacherResult } from "./view/results.ts";

// What they throw.
export {
  InputError,
  LimitReached,
  ModelError,
  type ModelErrorKind,
  RunError,
} from "./core/errors.ts";
