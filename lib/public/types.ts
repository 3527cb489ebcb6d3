// Written by deno task write-formats from the zod schemas; a test holds them equal.
/** Records as plain types. */
import type { Answer } from "../core/answer.ts";

/** Who speaks. */
export type Role = "system" | "user" | "assistant" | "tool";

/** What a prompted model is asked for: a thought before its answer, or not. */
export type Variant = "think" | "nothink";

/** The reply formats. */
export type Format = "prompted-think" | "prompted-nothink" | "chat-think" | "chat";

/** Why a reply ended, normalized over all providers. */
export type FinishReason = "stop" | "length" | "content_filter" | "recitation" | "other";

/** A tool that an assistant's turn calls. */
export interface ToolCall {
  /** Names the call; the tool's turn answers by it. */
  id?: string;
  /** `function`. */
  type?: string;
  /** What is called. */
  function: {
  /** The tool that is called. */
  name: string;
  /** Its arguments, by name. */
  arguments: Record<string, unknown>;
};
}

/** One turn of a chat. */
export interface Message {
  /** Who speaks. */
  role: Role;
  /** What is said. */
  content: string;
  /** Tools that an assistant's turn calls. */
  tool_calls?: ToolCall[];
  /** The call that a tool's turn answers. */
  tool_call_id?: string;
  /** Of a tool's turn, the tool. */
  name?: string;
}

/** Columns of an input's row that were carried along. */
export type Extra = Record<string, unknown>;

/** A prompt to be answered: the messages end before the reply. */
export interface Prompt {
  /** The prompt's id: of its row, else a hash of its messages. */
  id: string;
  /** Where the prompt comes from, as its row says, or the file it was read from. */
  source: string;
  /** The turns before the reply. */
  messages: Message[];
  /** Tools that the prompt offers, as chat templates take them. */
  tools?: Record<string, unknown>[];
  /** Columns of the row that were kept (--keep). */
  extra?: Extra;
}

/** Tokens that a reply cost. */
export interface Usage {
  /** Tokens of the prompt. */
  prompt_tokens: number;
  /** Tokens that were written, thinking among them. */
  completion_tokens: number;
  /** Tokens of the model's own thinking; part of completion_tokens. */
  reasoning_tokens: number;
  /** Prompt tokens that the provider had in its cache; part of prompt_tokens. */
  cached_tokens?: number;
  /** Prompt tokens that the provider put into its cache, where it bills them; part of prompt_tokens. */
  cache_write_tokens?: number;
  /** True where the provider said nothing, and the counts are made from the texts' bytes. */
  estimated?: true;
}

/** Stage 2a: a teacher's reply to a prompt. */
export interface TeacherRecord extends Prompt {
  /** The part before the answer; null where there is none. */
  thought: string | null;
  /** The answer, without the thought. */
  response: string;
  /** The model that wrote it. */
  model: string;
  /** Why the reply ended. */
  finish_reason: FinishReason;
  /** Tokens that the reply cost. */
  usage: Usage;
  /** The finish reason in the provider's own word, where it has one. */
  finish_reason_raw?: string;
  /** The provider's own reasoning text (--thinking native). */
  native_thought?: string | null;
  /** Lenient repairs that were made to read the reply. */
  repairs?: string[];
  /** What the simulated-thinking lint found; flags drop nothing by themselves. */
  thought_flags?: string[];
  /** Tools that the reply calls; `response` may be empty then. */
  tool_calls?: ToolCall[];
  /** What affected the record, hashed, and the line's checksum. */
  key?: string;
}

/** One sampled reply of a policy. */
export interface PolicyReply {
  /** 0-based place among the prompt's n replies. */
  index: number;
  /** What the model wrote, the prefill not included. */
  text: string;
  /** The part before the answer; null where there is none. */
  thought: string | null;
  /** The part after the thought; null where the reply breaks its format. */
  answer: Answer | null;
  /** The rule that the reply breaks, or null: a malformed reply is never scored and never paired. */
  malformed: string | null;
  /** Why the reply ended. */
  finish_reason: FinishReason;
  /** Tokens of the reply. */
  completion_tokens: number;
  /** The model that wrote it, where a prompt has replies of several. */
  model?: string;
}

/** Stage 3a: a policy's n replies to a prompt. */
export interface PolicyRecord {
  /** The prompt's id: of its row, else a hash of its messages. */
  id: string;
  /** Where the prompt comes from, as its row says, or the file it was read from. */
  source: string;
  /** The turns before the reply. */
  prompt: Message[];
  /** The reply format that it was sampled in. */
  format: Format;
  /** The model that wrote the replies. */
  model: string;
  /** The prompt's replies. */
  responses: PolicyReply[];
  /** Tools that the prompt offers, as chat templates take them. */
  tools?: Record<string, unknown>[];
  /** Columns of the row that were kept (--keep). */
  extra?: Extra;
  /** What affected the record, hashed, and the line's checksum. */
  key?: string;
}

/** A reply with its reward. */
export interface ScoredReply extends PolicyReply {
  /** The reward of the answer; null where there is no answer, or no reward of it (`unread`). */
  score: number | null;
  /** Scores by reward model, where there are several. */
  scores?: Record<string, number | null>;
  /** The answer was cut to the reward model's length. */
  truncated?: boolean;
  /** Why a reward could not be read of the answer, by reward model: a rule's is then 0, a judge's null. */
  unread?: Record<string, string>;
  /** What a reward model found, in words, by reward model: a judge's reason. */
  reasons?: Record<string, string>;
}

/** Stage 3b: the policy's line with a score on each reply. */
export interface ScoredRecord extends PolicyRecord {
  /** The prompt's replies, each with its score. */
  responses: ScoredReply[];
  /** The reward model whose score is each reply's own. */
  reward_model: string;
}

/** A prompt that a stage gave up, and why. */
export interface Reject {
  /** The prompt's id: of its row, else a hash of its messages. */
  id: string;
  /** The stage that gave it up. */
  stage: string;
  /** A reason of the stage's closed list. */
  reason: string;
  /** What was found, for people. */
  detail: string;
  /** What affected the record, hashed, and the line's checksum. */
  key?: string;
}

/** What somebody decided on a prompt by hand. */
export interface Decision {
  /** The prompt's id: of its row, else a hash of its messages. */
  id: string;
  /** Leave the prompt out, take this pair, or find it again. */
  action: "exclude" | "pair" | "flag";
  /** For pair: the chosen reply's index. */
  chosen?: number;
  /** For pair: the rejected reply's index. */
  rejected?: number;
  /** Why, in words. */
  comment?: string;
}

/** Where every prompt stands: input = kept + rejected + pending, by id. */
export interface Counts {
  /** Distinct ids in the input (of this shard, after --limit). */
  input: number;
  /** Prompts with a record or a row. */
  kept: number;
  /** Prompts given up, with a reason. */
  rejected: number;
  /** Prompts that are still to be done. */
  pending: number;
  /** Input rows that repeat an id with the same content; counted once above. */
  duplicates: number;
  /** Of runs before 0.2: records of ids that the input does not name, among those that it names. */
  other: number;
  /** Lines of earlier inputs in OUT/aside: read by nobody, and back when their prompts are. */
  set_aside?: number;
  /** Rejects by their reason. */
  rejected_by_reason: Record<string, number>;
}

/** A file that went in or came out. */
export interface FileEntry {
  /** Where it is; of outputs, below OUT. */
  path: string;
  /** Its SHA-256, in hex digits. */
  sha256: string;
  /** Its rows or lines. */
  rows: number;
}

/** A model, by what was loaded or by what its server says of itself. */
export interface ModelIdentity {
  /** Its SPEC, or the name of an object that was given in its place. */
  name: string;
  /** Changes when the model does; null where nobody can know (a provider's model). */
  version: string | null;
  /** Of a model of the Hub: its commit. */
  revision?: string;
  /** Of a folder: SHA-256 over the lines `HASH  PATH` of its weights, by path. */
  weights?: string | null;
  /** Of a folder: every file that may be loaded. */
  files?: {
  path: string;
  size: number;
  sha256: string;
}[];
}

/** What a model costs, in US dollars a million tokens. */
export interface ModelPrice {
  /** Prompt tokens. */
  input: number;
  /** Prompt tokens that the provider had in its cache. */
  cached_input?: number;
  /** Prompt tokens that it put into its cache. */
  cache_write?: number;
  /** Completion tokens, thinking among them. */
  output: number;
  /** What a batch job's tokens cost, as a part of the price; absent where there is no such price. */
  batch?: number;
  /** The same for a batch's cached tokens, as a part of cached_input, where it is another. */
  batch_cached?: number;
  /** Other prices for requests whose prompt has more than over tokens. */
  long?: {
  /** Prompt tokens. */
  input: number;
  /** Prompt tokens that the provider had in its cache. */
  cached_input?: number;
  /** Prompt tokens that it put into its cache. */
  cache_write?: number;
  /** Completion tokens, thinking among them. */
  output: number;
  over: number;
};
  /** The day on which the provider will take the model away, or has. */
  shut_down?: string;
}

/** Prices by model, with their day and their source. */
export interface PriceTable {
  /** The day of the prices, YYYY-MM-DD. */
  as_of: string;
  /** Where they are from. */
  source?: string;
  /** US dollars. Default: "USD". */
  currency?: "USD";
  /** Tokens that a price is for. Default: 1000000. */
  per_tokens?: 1000000;
  /** Prices by model. */
  models: Record<string, ModelPrice>;
}

/** The run's own account: options, models, files by hash, and the ledger. */
export interface Manifest {
  /** The stage that made it. */
  stage: string;
  /** Thinkset's version. */
  version: string;
  /** Whether all is done. */
  status: "running" | "done" | "partial";
  /** All options of the stage. */
  options: Record<string, unknown>;
  /** Hash over all that affects the output but the prompts themselves. */
  fingerprint: string;
  /** The files that were read. */
  inputs: FileEntry[];
  /** The files that were written. */
  outputs: FileEntry[];
  /** The models by name. */
  models: string[];
  /** What was loaded under an option's name (model, rewardModel), by its content. */
  identities?: Record<string, ModelIdentity | ModelIdentity[]>;
  /** The seed of random draws; null where none are made. */
  seed: number | null;
  /** Versions of the runtime and the packages that did the work. */
  packages: Record<string, string>;
  /** The kind of processor that made it: models' numbers differ between kinds in their last bits. */
  processor?: {
  arch: string;
  /** Default: null. */
  model?: string | null;
  features: string[] | null;
};
  /** Where every prompt stands. */
  counts: Counts;
  /** Counts of the stage's own (malformed replies, repairs, pairs by split). */
  extra?: Record<string, unknown>;
  /** Tokens by kind. */
  tokens: Record<string, number>;
  /** US dollars, or null where no price is known. */
  cost: number | null;
  /** Names the whole input by its prompts in order: the shards of one run agree in it. */
  input_digest?: string;
  /** Which part of the input the process had. */
  shard: {
  index: number;
  count: number;
};
  /** For a sharded run: the shards that are done. */
  shards?: {
  count: number;
  done: number[];
};
  /** Items that failed after all retries, at most 1,000 named; they are pending. */
  failed: {
  id: string;
  error: string;
}[];
  /** When the run began, ISO 8601. */
  started_at: string;
  /** When it ended; null while it runs. */
  ended_at: string | null;
}
