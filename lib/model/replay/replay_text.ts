/** A policy that serves recorded replies. */
import { ModelError } from "../../core/errors.ts";
import { PolicyRecord } from "../../core/records.ts";
import { textRequestFields } from "../request_key.ts";
import type { Completion, TextModel } from "../text_model.ts";
import { openReplay } from "./open_replay.ts";
import { RecordedCompletions } from "./recording.ts";

/**
 * Opens `replay/FILE` as a policy, as `openReplay` does; of a record a request for n replies gets
 * those of index 0 to n − 1. What is not there is a `reject` with reason `not_recorded`.
 */
export async function replayText(file: string): Promise<TextModel> {
  const form = { stage: "policy", record: PolicyRecord, reply: RecordedCompletions } as const;
  const replay = await openReplay<PolicyRecord, Completion[]>(file, form);
  return {
    name: replay.heading.model,
    version: replay.version,
    concurrency: 64,
    // Async, so that a reply that is not there rejects rather than throws.
    // deno-lint-ignore require-await
    complete: async (request) =>
      replay.find(
        request.id,
        textRequestFields(request),
        (record) => firstReplies(record, request.n, file),
      ),
    close: replay.close,
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
