/**
 * The form of a recording: JSON Lines, a heading, then one line a request with its reply or the
 * refusal that ended it. Nothing of the transport is in it: no keys, headers or addresses.
 *
 * ```json
 * {"recording":1,"model":"gpt-4.1-mini","promptsForTags":false}
 * {"key":"0f3c…","request":{"id":"p1","messages":[…],"thinking":"simulated",…},"reply":{"text":…}}
 * {"key":"77ab…","request":{…},"refused":{"reason":"prompt_blocked","message":"…"}}
 * ```
 */
import { z } from "zod";
import { type Json, shortHash } from "../../core/canonical.ts";
import { FinishReason, Usage } from "../../core/records.ts";
import type { ChatRequest } from "../chat_model.ts";
import type { CompletionRequest } from "../text_model.ts";

/** The first line of a recording. */
export const RecordingHeading = z.object({
  recording: z.literal(1),
  model: z.string(),
  promptsForTags: z.boolean(),
});
export type RecordingHeading = z.infer<typeof RecordingHeading>;

/** A recorded `ChatReply`. */
export const RecordedChatReply = z.object({
  text: z.string(),
  reasoning: z.string().nullable(),
  finishReason: FinishReason,
  finishReasonRaw: z.string(),
  usage: Usage,
});

/** A recorded list of `Completion`. */
export const RecordedCompletions = z.array(z.object({
  text: z.string(),
  finishReason: FinishReason,
  completionTokens: z.number().int().nonnegative(),
}));

/** A `ModelError` of kind `reject`. */
export const RecordedRefusal = z.object({ reason: z.string(), message: z.string() });

/** What of a chat request is kept and hashed: everything but its signal. */
export function chatRequestFields(request: ChatRequest): Record<string, Json | undefined> {
  const { signal: _, ...fields } = request;
  return {
    ...fields,
    messages: fields.messages.map(({ role, content }) => ({ role, content })),
  };
}

/** What of a completion request is kept and hashed: everything but its signal. */
export function textRequestFields(request: CompletionRequest): Record<string, Json | undefined> {
  const { signal: _, ...fields } = request;
  return { ...fields };
}

/** 16 hex digits that name a request in recordings. */
export function requestKey(fields: Record<string, Json | undefined>): string {
  return shortHash(fields as Json);
}
