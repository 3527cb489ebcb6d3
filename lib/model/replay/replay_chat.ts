/** A teacher that serves recorded replies: any run again, offline and without a key. */
import { InputError, messageOf, ModelError } from "../../core/errors.ts";
import { TeacherRecord } from "../../core/records.ts";
import { hashFile } from "../../io/hash_file.ts";
import { renderSimulated } from "../../reply/simulated.ts";
import { renderStructured } from "../../reply/structured.ts";
import type { ChatModel, ChatReply, Thinking } from "../chat_model.ts";
import { chatRequestFields, requestKey } from "../request_key.ts";
import { RecordedChatReply, RecordedRefusal } from "./recording.ts";
import { openRecording } from "./recording_index.ts";

/**
 * Opens `replay/FILE` as a teacher: a file made by `--record`, whose replies are found by a hash of
 * the whole request, or the records of an earlier teacher run, found by prompt id. Texts stay on
 * disk. A request without a recording is a `reject` with reason `not_recorded`.
 *
 * Throws `InputError` for a file that cannot be read or holds something else.
 */
export async function replayChat(
  file: string,
  options: { signal?: AbortSignal } = {},
): Promise<ChatModel> {
  const index = await openRecording(file, options);
  if (index.form === "policy") {
    await index.close();
    throw new InputError(`${file}: holds policy records; a teacher needs a teacher's`);
  }
  const { model, promptsForTags } = index.heading;
  return {
    name: model,
    version: await hashFile(file),
    promptsForTags,
    takesTools: true,
    concurrency: 64,
    async reply(request) {
      if (index.form === "teacher") {
        const row = await index.find(request.id);
        if (row === undefined) throw notRecorded(file, request.id);
        const record = TeacherRecord.safeParse(row);
        if (!record.success) throw badLine(file, request.id);
        return replyOf(record.data, request.thinking);
      }
      const row = await index.find(requestKey(chatRequestFields(request))) as
        | { reply?: unknown; refused?: unknown }
        | undefined;
      if (row === undefined) throw notRecorded(file, request.id);
      throwIfRefused(row.refused);
      const reply = RecordedChatReply.safeParse(row.reply);
      if (!reply.success) throw badLine(file, request.id);
      return reply.data;
    },
    close: () => index.close(),
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

/** Throws the refusal that was recorded in place of a reply. */
export function throwIfRefused(refused: unknown): void {
  const refusal = RecordedRefusal.safeParse(refused);
  if (refusal.success) {
    throw new ModelError("reject", refusal.data.message, { reason: refusal.data.reason });
  }
}

/** The recording does not know the request. */
export function notRecorded(file: string, id: string): ModelError {
  return new ModelError(
    "reject",
    `${file} holds no reply to this request (${JSON.stringify(id)}): it never came, or was asked ` +
      `with other options`,
    { reason: "not_recorded" },
  );
}

/** The recording's line has not the form of a reply. */
export function badLine(file: string, id: string): ModelError {
  return new ModelError("fatal", `${file}: the reply to ${JSON.stringify(id)} is damaged`);
}
