/** Messages as transformers hands them to a chat template (its utils/chat_template_utils.py). */
import type { ChatMessage } from "../reply/turn_parts.ts";

/** The names of a thought, the first that has one counts. */
const NAMES = ["reasoning_content", "thinking", "reasoning"] as const;

/** Keys without a value are left out, as since transformers 5. */
export function withoutNulls(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map((message) =>
    Object.fromEntries(
      Object.entries(message).filter(([, value]) => value !== null && value !== undefined),
    ) as unknown as ChatMessage
  );
}

/**
 * As the transformers that TRL 1.16 installs (5.23): a thought under any of its names is copied to
 * `reasoning_content` and, where there is none, to `thinking`.
 */
export function withReasoningCopied(messages: readonly ChatMessage[]): ChatMessage[] {
  return withoutNulls(messages).map((message) => {
    const thought = NAMES.map((name) => message[name]).find((value) => value !== undefined);
    return thought === undefined
      ? message
      : { thinking: thought, ...message, reasoning_content: thought };
  });
}
