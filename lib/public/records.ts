/**
 * Records, prompts and datasets: their types, and readers of every layout that stages read.
 *
 * @module
 */
export type { Located, ReadPolicyOptions, ReadRecordsOptions } from "../io/records/read_records.ts";
export {
  readPolicyRecords,
  readScoredRecords,
  readTeacherRecords,
} from "../io/records/read_records.ts";
export {
  type LocatedPrompt,
  readPrompts,
  type ReadPromptsOptions,
} from "../io/prompts/read_prompts.ts";
export { readRejects } from "../io/records/read_rejects.ts";
export type { HubOptions } from "../io/hub/hub_options.ts";
export type { InputFilesOptions, InputPaths } from "../io/inputs/input_files.ts";
export type { ReadBytesOptions } from "../io/disk/bytes.ts";
export { readRows, type ReadRowsOptions, type Row } from "../io/rows/read_rows.ts";
export { readDecisions } from "../io/records/read_decisions.ts";
export { type PromptFault, promptFault } from "../io/prompts/messages.ts";
export { canonicalJson, type Json, promptId, sha256 } from "../core/canonical.ts";
export { numpyPermutation } from "../core/numpy_random.ts";
export { choosePairs } from "../dataset/dpo/dpo_pairs.ts";
export { PAIR_MODELS, STRATEGIES } from "../dataset/dpo/pair_rules.ts";
export type {
  Candidate,
  ChosenPairs,
  NoPair,
  Pair,
  PairRules,
  Strategy,
} from "../dataset/dpo/pair_rules.ts";
export type { Answer } from "../core/answer.ts";
export type {
  Counts,
  Decision,
  Extra,
  FileEntry,
  FinishReason,
  Format,
  Manifest,
  Message,
  ModelIdentity,
  PolicyRecord,
  PolicyReply,
  Prompt,
  Reject,
  Role,
  ScoredRecord,
  ScoredReply,
  TeacherRecord,
  ToolCall,
  Usage,
  Variant,
} from "./types.ts";
