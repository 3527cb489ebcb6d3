/** Messages as transformers hands them to a chat template (its utils/chat_template_utils.py). */
import { z } from "zod";
import { renderedReasoning } from "../reply/reasoning_keys.ts";
import { type ChatMessage, knowsThoughtTags } from "../reply/turn_parts.ts";
import type { OpenedTrainer, RenderRow, TrainingTokenizer } from "./trainer.ts";

/** Of a trainer of which no setting of its own is followed. */
export const NO_SETTINGS = z.object({});

/** A trainer that renders with the tokenizer's own template. */
export function ofTransformers(
  render: RenderRow,
  { template }: TrainingTokenizer,
): OpenedTrainer {
  const keys = new Set<string>(renderedReasoning(template).filter((place) => place !== "inline"));
  const tagsAreText = keys.size > 0 && !knowsThoughtTags(template.text);
  return { render, reading: { keys, tagsAreText }, template: null };
}

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
