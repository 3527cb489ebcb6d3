/** A teacher that serves recorded replies: any run again, offline and without a key. */
import { messageOf, ModelError } from "../../core/errors.ts";
import { TeacherRecord } from "../../core/records.ts";
import { renderSimulated } from "../../reply/simulated.ts";
import { renderStructured } from "../../reply/structured.ts";
import type { ChatModel, ChatReply, Thinking } from "../chat_model.ts";
import { chatRequestFields } from "../request_key.ts";
import { openReplay } from "./open_replay.ts";
import { RecordedChatReply } from "./recording.ts";

/**
 * Opens `replay/FILE` as a teacher, as `openReplay` does. A request without a recording is a `reject`
 * with reason `not_recorded`.
 */
export async function replayChat(file: string): Promise<ChatModel> {
  const form = { stage: "teacher", record: TeacherRecord, reply: RecordedChatReply } as const;
  const replay = await openReplay<TeacherRecord, ChatReply>(file, form);
  const { heading: { model, promptsForTags }, version } = replay;
  return {
    name: model,
    version,
    promptsForTags,
    takesTools: true,
    concurrency: 64,
    // Async, so that a reply that is not there rejects rather than throws.
    // deno-lint-ignore require-await
    reply: async (request) =>
      replay.find(
        request.id,
        chatRequestFields(request),
        (record) => replyOf(record, request.thinking),
      ),
    close: replay.close,
  };
}

/** The reply that a teacher record must have come from, in the form that is asked for. */
function replyOf(record: TeacherRecord, thinking: Thinking): ChatReply {
  const parts = { thought: record.thought, answer: record.response };
  const native = record.native_thought ?? null;
  const tagged = thinking === "simulated" || thinking === "structured";
  let text = record.response;
  if (tagged && record.thought !== null) {
    try {
      text = thinking === "simulated" ? renderSimulated(parts) : renderStructured(parts);
    } catch (error) {
      throw new ModelError("reject", messageOf(error), { reason: "malformed" });
    }
  }
  return {
    text,
    reasoning: thinking === "native" ? native ?? record.thought : native,
    finishReason: record.finish_reason,
    finishReasonRaw: record.finish_reason_raw ?? record.finish_reason,
    usage: record.usage,
  };
}
