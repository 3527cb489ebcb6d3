/**
 * Records, prompts and datasets: their types, and readers of every layout that stages read.
 *
 * @module
 */
export type { Located, ReadPolicyOptions, ReadRecordsOptions } from "../io/read_records.ts";
export { readPolicyRecords, readScoredRecords, readTeacherRecords } from "../io/read_records.ts";
export { type LocatedPrompt, readPrompts, type ReadPromptsOptions } from "../io/read_prompts.ts";
export { readRejects } from "../io/read_rejects.ts";
export type { HubOptions } from "../io/hub_options.ts";
export type { InputFilesOptions, InputPaths } from "../io/input_files.ts";
export type { ReadBytesOptions } from "../io/bytes.ts";
export { readRows, type ReadRowsOptions, type Row } from "../io/read_rows.ts";
export { readDecisions } from "../io/read_decisions.ts";
export { type PromptFault, promptFault } from "../io/messages.ts";
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
  Usage,
  Variant,
} from "./types.ts";
