/** The records that stages exchange, as JSON Lines: one prompt a line. Types follow the schemas. */
import { z } from "zod";
import type { Answer as AnswerText } from "./answer.ts";
import { Message, ToolCall, Tools } from "./messages.ts";

export { Message, Role, ToolCall, Tools } from "./messages.ts";
export { callsTools, turnFields } from "./turns.ts";
export { Variant } from "./variant.ts";

/** Columns of the input's row that were asked to be kept (`--keep`), with their values. */
export const Extra = z.record(z.string(), z.unknown());
/** @internal */
export type Extra = z.infer<typeof Extra>;
const id = z.string().min(1).describe("the prompt's id: of its row, else a hash of its messages");
const source = z.string().describe(
  "where the prompt comes from, as its row says, or the file it was read from",
);
const turns = z.array(Message).min(1).describe("the turns before the reply");
const extra = Extra.optional().describe("columns of the row that were kept (--keep)");
const tools = Tools.optional().describe(
  "tools that the prompt offers, as chat templates take them",
);

/** A prompt to be answered: the messages end before the reply. */
export const Prompt = z.object({
  id,
  source,
  messages: turns,
  tools,
  extra,
});
/** @internal */
export type Prompt = z.infer<typeof Prompt>;

/** The reply formats of the contract. */
export const Format = z.enum(["prompted-think", "prompted-nothink", "chat-think", "chat"]);
/** @internal */
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
/** @internal */
export type FinishReason = z.infer<typeof FinishReason>;

/** @internal */
export type Answer = AnswerText;
/** Text of a record that went through the reply parser. */
export const Answer: z.ZodType<Answer, string> = z.string().transform((text) => text as Answer);

/** Tokens that a reply cost. */
export const Usage = z.object({
  prompt_tokens: z.number().int().nonnegative().describe("tokens of the prompt"),
  completion_tokens: z.number().int().nonnegative().describe(
    "tokens that were written, thinking among them",
  ),
  reasoning_tokens: z.number().int().nonnegative().describe(
    "tokens of the model's own thinking; part of completion_tokens",
  ),
  cached_tokens: z.number().int().nonnegative().optional().describe(
    "prompt tokens that the provider had in its cache; part of prompt_tokens",
  ),
  cache_write_tokens: z.number().int().nonnegative().optional().describe(
    "prompt tokens that the provider put into its cache, where it bills them; part of prompt_tokens",
  ),
  estimated: z.literal(true).optional().describe(
    "true where the provider said nothing, and the counts are made from the texts' bytes",
  ),
});
/** @internal */
export type Usage = z.infer<typeof Usage>;

/** Written by the runner (keyed_line.ts). */
const key = z.string().optional().describe(
  "what affected the record, hashed, and the line's checksum",
);

/** Stage 2a: a teacher's reply to a prompt. */
export const TeacherRecord = z.object({
  id,
  source,
  messages: turns,
  thought: z.string().nullable().describe("the part before the answer; null where there is none"),
  response: z.string().describe("the answer, without the thought"),
  model: z.string().describe("the model that wrote it"),
  finish_reason: FinishReason.describe("why the reply ended"),
  usage: Usage.describe("tokens that the reply cost"),
  finish_reason_raw: z.string().optional().describe(
    "the finish reason in the provider's own word, where it has one",
  ),
  native_thought: z.string().nullable().optional().describe(
    "the provider's own reasoning text (--thinking native)",
  ),
  repairs: z.array(z.string()).optional().describe(
    "lenient repairs that were made to read the reply",
  ),
  thought_flags: z.array(z.string()).optional().describe(
    "what the simulated-thinking lint found; flags drop nothing by themselves",
  ),
  tools,
  tool_calls: z.array(ToolCall).min(1).optional().describe(
    "tools that the reply calls; `response` may be empty then",
  ),
  extra,
  key,
});
/** @internal */
export type TeacherRecord = z.infer<typeof TeacherRecord>;

/** One sampled reply of a policy. */
export const PolicyReply = z.object({
  index: z.number().int().nonnegative().describe("0-based place among the prompt's n replies"),
  text: z.string().describe("what the model wrote, the prefill not included"),
  thought: z.string().nullable().describe("the part before the answer; null where there is none"),
  answer: Answer.nullable().describe(
    "the part after the thought; null where the reply breaks its format",
  ),
  malformed: z.string().nullable().describe(
    "the rule that the reply breaks, or null: a malformed reply is never scored and never paired",
  ),
  finish_reason: FinishReason.describe("why the reply ended"),
  completion_tokens: z.number().int().nonnegative().describe("tokens of the reply"),
  model: z.string().optional().describe(
    "the model that wrote it, where a prompt has replies of several",
  ),
});
/** @internal */
export type PolicyReply = z.infer<typeof PolicyReply>;

/** Stage 3a: a policy's n replies to a prompt. */
export const PolicyRecord = z.object({
  id,
  source,
  prompt: turns,
  format: Format.describe("the reply format that it was sampled in"),
  model: z.string().describe("the model that wrote the replies"),
  responses: z.array(PolicyReply).describe("the prompt's replies"),
  tools,
  extra,
  key,
});
/** @internal */
export type PolicyRecord = z.infer<typeof PolicyRecord>;

/** A reply with its reward: null where it is malformed and so was not scored. */
export const ScoredReply = PolicyReply.extend({
  score: z.number().nullable().describe(
    "the reward of the answer; null where there is no answer, or no reward of it (`unread`)",
  ),
  scores: z.record(z.string(), z.number().nullable()).optional().describe(
    "scores by reward model, where there are several",
  ),
  truncated: z.boolean().optional().describe("the answer was cut to the reward model's length"),
  unread: z.record(z.string(), z.string()).optional().describe(
    "why a reward could not be read of the answer, by reward model: a rule's is then 0, a judge's null",
  ),
  reasons: z.record(z.string(), z.string()).optional().describe(
    "what a reward model found, in words, by reward model: a judge's reason",
  ),
});
/** @internal */
export type ScoredReply = z.infer<typeof ScoredReply>;

/** Stage 3b: the policy's line with a score on each reply. */
export const ScoredRecord = PolicyRecord.extend({
  responses: z.array(ScoredReply).describe("the prompt's replies, each with its score"),
  reward_model: z.string().describe("the reward model whose score is each reply's own"),
});
/** @internal */
export type ScoredRecord = z.infer<typeof ScoredRecord>;

/** A prompt that a stage gave up, and why; `reason` is from the stage's closed list. */
export const Reject = z.object({
  id,
  stage: z.string().describe("the stage that gave it up"),
  reason: z.string().describe("a reason of the stage's closed list"),
  detail: z.string().describe("what was found, for people"),
  key,
});
/** @internal */
export type Reject = z.infer<typeof Reject>;
