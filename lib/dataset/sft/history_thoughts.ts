/** Thoughts in the earlier turns of a prompt. */
import type { Message, TeacherRecord } from "../../core/records.ts";
import { partsOfTurn } from "../../reply/turn_parts.ts";

/** What `--history-thoughts` takes. */
export const HISTORY_THOUGHTS = ["keep", "drop", "last", "split"] as const;
export type HistoryThoughts = (typeof HISTORY_THOUGHTS)[number];

/**
 * The records that become rows: the record itself, its earlier turns with their thoughts or without;
 * with `split` also one for each earlier turn that has a thought, which ends there.
 *
 * @example
 * ```ts
 * import { withHistoryThoughts } from "./history_thoughts.ts";
 * import assert from "node:assert/strict";
 *
 * const user = { role: "user", content: "Why?" } as const;
 * const turn = { role: "assistant", content: "<think>\nHm.\n</think>\n\nSo." } as const;
 * const record = {
 *   id: "a",
 *   source: "made",
 *   messages: [user, turn, user],
 *   thought: "Again.",
 *   response: "So too.",
 *   model: "m",
 *   finish_reason: "stop" as const,
 *   usage: { prompt_tokens: 1, completion_tokens: 1, reasoning_tokens: 0 },
 * };
 * assert.equal(withHistoryThoughts(record, "drop")[0]!.messages[1]!.content, "So.");
 * const split = withHistoryThoughts(record, "split");
 * assert.deepEqual(split.map(({ thought }) => thought), ["Hm.", "Again."]);
 * ```
 */
export function withHistoryThoughts(
  record: TeacherRecord,
  mode: HistoryThoughts,
): TeacherRecord[] {
  if (mode === "keep") return [record];
  const { messages } = record;
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const bare = messages.map((message, index) =>
    mode === "last" && index > lastUser ? message : withoutThought(message)
  );
  const whole = { ...record, messages: bare };
  if (mode !== "split") return [whole];
  const earlier = messages.flatMap((message, index): TeacherRecord[] => {
    const { thought, answer } = partsOfTurn(message);
    if (message.role !== "assistant" || thought === null || answer === null) return [];
    return [{ ...record, messages: bare.slice(0, index), thought, response: answer }];
  });
  return [...earlier, whole];
}

function withoutThought(message: Message): Message {
  if (message.role !== "assistant") return message;
  const { thought, answer } = partsOfTurn(message);
  return thought === null || answer === null ? message : { ...message, content: answer };
}
