/** Which places of a message a chat template takes a thought from, found by rendering. */
import { InputError } from "../core/errors.ts";
import type { ChatTemplate } from "./chat_template.ts";
import { renderReply } from "./format.ts";
import {
  type ChatMessage,
  knowsThoughtTags,
  openedThoughts,
  REASONING_KEYS,
} from "./turn_parts.ts";

/** Where a thought may stand: tags in the content, or a key beside it. */
export const REASONING_PLACES = ["inline", "reasoning_content", "thinking", "reasoning"] as const;
export type ReasoningPlace = (typeof REASONING_PLACES)[number];

const THOUGHT = "thinkset-probe-4f1d2c9a", ANSWER = "thinkset-probe-83b7e0d1";

/**
 * The places from which the template renders the thought of a last turn: once, before the answer,
 * after a prompt that begins the whole, and without a second pair of tags. `inline` is among them
 * only where the template has no other way to think than tags: one that knows keys and no tags
 * would write the tags as text.
 */
export function renderedReasoning(
  template: ChatTemplate,
  variables: Record<string, unknown> = {},
): ReasoningPlace[] {
  const user = { role: "user", content: "Hi" };
  const render = (messages: readonly ChatMessage[], addGenerationPrompt: boolean) => {
    try {
      return template.render(messages, { addGenerationPrompt, variables });
    } catch (error) {
      if (error instanceof InputError) return null;
      throw error;
    }
  };
  const prompt = render([user], true);
  const holds = (turn: Record<string, unknown>) => {
    const text = render([user, { role: "assistant", ...turn }], false);
    if (text === null || prompt === null || !text.startsWith(prompt)) return false;
    const at = text.indexOf(THOUGHT);
    return at >= 0 && at === text.lastIndexOf(THOUGHT) && at < text.indexOf(ANSWER) &&
      openedThoughts(text) <= Math.max(1, openedThoughts(prompt));
  };
  const keys = REASONING_KEYS.filter((key) => holds({ content: ANSWER, [key]: THOUGHT }));
  const inline = renderReply("chat-think", { thought: THOUGHT, answer: ANSWER });
  const asText = keys.length > 0 && !knowsThoughtTags(template.text);
  return [...(!asText && holds({ content: inline }) ? ["inline" as const] : []), ...keys];
}
