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
  const bare = historyOf(messages, mode === "last" ? "last" : "drop");
  const whole = { ...record, messages: bare };
  if (mode !== "split") return [whole];
  const earlier = messages.flatMap((message, index): TeacherRecord[] => {
    const { thought, answer } = partsOfTurn(message);
    const { role, tool_calls } = message;
    if (role !== "assistant" || thought === null) return [];
    if (answer === null && tool_calls === undefined) return [];
    const { tool_calls: _, ...own } = record;
    return [{
      ...own,
      messages: bare.slice(0, index),
      thought,
      response: answer ?? "",
      ...(tool_calls && { tool_calls }),
    }];
  });
  return [...earlier, whole];
}

/** A prompt's turns with the thoughts that are kept of them. */
export function historyOf(
  messages: readonly Message[],
  mode: Exclude<HistoryThoughts, "split">,
): Message[] {
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  return messages.map((message, index) =>
    mode === "keep" || mode === "last" && index > lastUser ? message : withoutThought(message)
  );
}

function withoutThought(message: Message): Message {
  if (message.role !== "assistant") return message;
  const { thought, answer } = partsOfTurn(message);
  if (thought === null || answer === null && message.tool_calls === undefined) return message;
  return { ...message, content: answer ?? "" };
}
