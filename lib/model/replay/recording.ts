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
import { FinishReason, Usage } from "../../core/records.ts";

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
