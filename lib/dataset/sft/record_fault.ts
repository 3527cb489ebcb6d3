/** What keeps a teacher's record out of an SFT dataset, whatever the target. */
import type { TeacherRecord } from "../../core/records.ts";
import type { Rejection } from "../build/rejects_file.ts";
import type { SftReject, SftSettings } from "./sft_options.ts";

/** Why this record gives no row, or null. */
export function recordFault(
  record: TeacherRecord,
  options: SftSettings,
): Rejection<SftReject> | null {
  const { id, source, messages, thought, response, finish_reason, thought_flags } = record;
  if (finish_reason !== "stop") {
    return { reason: "not_finished", detail: `the reply ended by ${finish_reason}` };
  }
  const texts = [id, source, ...messages.map(({ content }) => content), thought ?? "", response];
  if (!texts.every((text) => text.isWellFormed())) {
    return { reason: "invalid_unicode", detail: "half a surrogate pair" };
  }
  if (options.dropFlagged && (thought_flags?.length ?? 0) > 0) {
    return { reason: "flagged", detail: thought_flags!.join(", ") };
  }
  if (options.compat === undefined) return null;
  const { tools, tool_calls } = record;
  if (messages.length !== 1 || messages[0]!.content === "" || (tools ?? tool_calls) !== undefined) {
    return { reason: "not_single_turn", detail: `${messages.length} messages before the reply` };
  }
  const own = options.variant === "think" ? `${thought ?? ""}\n${response}` : response;
  if (/<\/?(think|response)>/.test(own)) {
    return { reason: "unexpected_tag", detail: "a tag in the thought or the response" };
  }
  return null;
}
