/** A policy that serves recorded replies. */
import { InputError, ModelError } from "../../core/errors.ts";
import { PolicyRecord } from "../../core/records.ts";
import { hashFile } from "../../io/hash_file.ts";
import type { TextModel } from "../text_model.ts";
import { requestKey, textRequestFields } from "../request_key.ts";
import { RecordedCompletions } from "./recording.ts";
import { openRecording } from "./recording_index.ts";
import { badLine, notRecorded, throwIfRefused } from "./replay_chat.ts";

/**
 * Opens `replay/FILE` as a policy: a file made by `--record`, whose replies are found by a hash of
 * the whole request, or the records of an earlier policy run, found by prompt id: a request for n
 * replies gets those of index 0 to n − 1. Texts stay on disk. What is not there is a `reject` with
 * reason `not_recorded`.
 *
 * Throws `InputError` for a file that cannot be read or holds something else.
 */
export async function replayText(
  file: string,
  options: { signal?: AbortSignal } = {},
): Promise<TextModel> {
  const index = await openRecording(file, options);
  if (index.form === "teacher") {
    await index.close();
    throw new InputError(`${file}: holds teacher records; a policy needs a policy's`);
  }
  return {
    name: index.heading.model,
    version: await hashFile(file),
    concurrency: 64,
    async complete(request) {
      if (index.form === "policy") {
        const row = await index.find(request.id);
        if (row === undefined) throw notRecorded(file, request.id);
        const record = PolicyRecord.safeParse(row);
        if (!record.success) throw badLine(file, request.id);
        return firstReplies(record.data, request.n, file);
      }
      const row = await index.find(requestKey(textRequestFields(request))) as
        | { reply?: unknown; refused?: unknown }
        | undefined;
      if (row === undefined) throw notRecorded(file, request.id);
      throwIfRefused(row.refused);
      const replies = RecordedCompletions.safeParse(row.reply);
      if (!replies.success) throw badLine(file, request.id);
      return replies.data;
    },
    close: () => index.close(),
  };
}

function firstReplies(record: PolicyRecord, n: number, file: string) {
  const replies = record.responses.toSorted((a, b) => a.index - b.index).slice(0, n);
  if (replies.length < n) {
    throw new ModelError(
      "reject",
      `${file} holds ${replies.length} of ${n} replies to ${JSON.stringify(record.id)}`,
      { reason: "not_recorded" },
    );
  }
  return replies.map(({ text, finish_reason, completion_tokens }) => ({
    text,
    finishReason: finish_reason,
    completionTokens: completion_tokens,
  }));
}
