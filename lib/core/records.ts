/** The records that stages exchange, as JSON Lines: one prompt a line. Types follow the schemas. */
import { z } from "zod";

export { Variant } from "./variant.ts";

/** Who speaks. */
export const Role: z.ZodEnum<{ system: "system"; user: "user"; assistant: "assistant" }> = z.enum([
  "system",
  "user",
  "assistant",
]);

/** One turn of a chat. */
export const Message = z.object({ role: Role, content: z.string() });
export type Message = z.infer<typeof Message>;

/** Columns of the input's row that were asked to be kept (`--keep`), with their values. */
export const Extra = z.record(z.string(), z.unknown());
export type Extra = z.infer<typeof Extra>;
const extra = Extra.optional();

/** A prompt to be answered: the messages end before the reply. */
export const Prompt = z.object({
  id: z.string().min(1),
  /** Where the prompt comes from, as its row says, or the file it was read from. */
  source: z.string(),
  messages: z.array(Message).min(1),
  extra,
});
export type Prompt = z.infer<typeof Prompt>;

/** The reply formats of the contract. */
export const Format = z.enum(["prompted-think", "prompted-nothink", "chat-think", "chat"]);
export type Format = z.infer<typeof Format>;

/** Why a reply ended, normalized over all providers. */
export const FinishReason = z.enum([
  /** By itself: an end token or a stop string. */
  "stop",
  /** Cut by the token limit. */
  "length",
  /** Withheld or cut by a safety filter. */
  "content_filter",
  /** Withheld as a recitation of training data. */
  "recitation",
  "other",
]);
export type FinishReason = z.infer<typeof FinishReason>;

declare const answerBrand: unique symbol;
/**
 * A reply's answer: text that went through the reply parser (or came from a record that did), so
 * that no thought can stand in it. Reward models take nothing else.
 */
export type Answer = string & { readonly [answerBrand]: true };
export const Answer: z.ZodType<Answer, string> = z.string().transform((text) => text as Answer);

/** Tokens that a reply cost. */
export const Usage = z.object({
  prompt_tokens: z.number().int().nonnegative(),
  completion_tokens: z.number().int().nonnegative(),
  reasoning_tokens: z.number().int().nonnegative(),
  /** Prompt tokens that the provider had in its cache; part of `prompt_tokens`. */
  cached_tokens: z.number().int().nonnegative().optional(),
  /** Prompt tokens that the provider put into its cache, where it bills them; part of `prompt_tokens`. */
  cache_write_tokens: z.number().int().nonnegative().optional(),
  /** True where the provider said nothing, and the counts are made from the texts' bytes. */
  estimated: z.literal(true).optional(),
});
export type Usage = z.infer<typeof Usage>;

/** What affected the record, hashed, and the line's checksum. Written by the runner (sealed_line.ts). */
const key = z.string().optional();

/** Stage 2a: a teacher's reply to a prompt. */
export const TeacherRecord = z.object({
  id: z.string().min(1),
  source: z.string(),
  messages: z.array(Message).min(1),
  thought: z.string().nullable(),
  response: z.string(),
  model: z.string(),
  finish_reason: FinishReason,
  usage: Usage,
  /** The finish reason in the provider's own word, where it has one. */
  finish_reason_raw: z.string().optional(),
  /** The provider's own reasoning text (`--thinking native`). */
  native_thought: z.string().nullable().optional(),
  /** Lenient repairs that were made to read the reply. */
  repairs: z.array(z.string()).optional(),
  /** What the simulated-thinking lint found; flags drop nothing by themselves. */
  thought_flags: z.array(z.string()).optional(),
  extra,
  key,
});
export type TeacherRecord = z.infer<typeof TeacherRecord>;

/** One sampled reply of a policy. */
export const PolicyReply = z.object({
  /** 0-based place among the prompt's n replies. */
  index: z.number().int().nonnegative(),
  /** What the model wrote, the prefill not included. */
  text: z.string(),
  thought: z.string().nullable(),
  answer: Answer.nullable(),
  /** The rule that the reply breaks, or null: a malformed reply is never scored and never paired. */
  malformed: z.string().nullable(),
  finish_reason: FinishReason,
  completion_tokens: z.number().int().nonnegative(),
  /** The model that wrote it, where a prompt has replies of several. */
  model: z.string().optional(),
});
export type PolicyReply = z.infer<typeof PolicyReply>;

/** Stage 3a: a policy's n replies to a prompt. */
export const PolicyRecord = z.object({
  id: z.string().min(1),
  source: z.string(),
  prompt: z.array(Message).min(1),
  format: Format,
  model: z.string(),
  responses: z.array(PolicyReply),
  extra,
  key,
});
export type PolicyRecord = z.infer<typeof PolicyRecord>;

/** A reply with its reward: null where it is malformed and so was not scored. */
export const ScoredReply = PolicyReply.extend({
  score: z.number().nullable(),
  /** Scores by reward model, where there are several. */
  scores: z.record(z.string(), z.number().nullable()).optional(),
  /** The answer was cut to the reward model's length. */
  truncated: z.boolean().optional(),
});
export type ScoredReply = z.infer<typeof ScoredReply>;

/** Stage 3b: the policy's line with a score on each reply. */
export const ScoredRecord = PolicyRecord.extend({
  responses: z.array(ScoredReply),
  reward_model: z.string(),
});
export type ScoredRecord = z.infer<typeof ScoredRecord>;

/** A prompt that a stage gave up, and why; `reason` is from the stage's closed list. */
export const Reject = z.object({
  id: z.string().min(1),
  stage: z.string(),
  reason: z.string(),
  detail: z.string(),
  key,
});
export type Reject = z.infer<typeof Reject>;
