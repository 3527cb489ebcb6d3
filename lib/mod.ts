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

// The stages, with what they alone come to, and the options of each.
export * from "./stage_list.ts";
export { explore, report, stages, verify } from "./stages.ts";
export type * from "./public/options.ts";

// What a call takes beside options.
export type {
  CallOptions,
  DatasetKind,
  Leaves,
  RecordsKind,
  Stage,
  StageFacts,
} from "./run/define_stage.ts";
export type { Format, Variant } from "./public/types.ts";
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

// What several of them come to.
export type { DatasetResult } from "./dataset/build/dataset_folder.ts";
export type { CostEstimate } from "./model/paid/estimate.ts";
export type { RunResult } from "./run/stage_run.ts";
export type { RepliesResult, TeacherResult } from "./view/results.ts";
export type { Explore } from "./explore/stage.ts";
export type { Explorer } from "./explore/explore.ts";
export type { Reported } from "./report/report.ts";
export type { Subject, SubjectKind } from "./report/subject.ts";
export type { Finding } from "./verify/finding.ts";
export type { Verified } from "./verify/verify.ts";

// What they throw.
export {
  InputError,
  LimitReached,
  ModelError,
  type ModelErrorKind,
  RunError,
} from "./core/errors.ts";
