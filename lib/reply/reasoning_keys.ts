/** Which places of a message a chat template takes a thought from, found by rendering. */
import { InputError } from "../core/errors.ts";
import type { ChatTemplate } from "./chat_template.ts";
import { renderReply } from "./format.ts";
import { REASONING_KEYS } from "./turn_parts.ts";

/** Where a thought may stand: tags in the content, or a key beside it. */
export const REASONING_PLACES = ["inline", "reasoning_content", "thinking", "reasoning"] as const;
export type ReasoningPlace = (typeof REASONING_PLACES)[number];

const THOUGHT = "thinkset-probe-4f1d2c9a", ANSWER = "thinkset-probe-83b7e0d1";

/**
 * The places from which the template renders the thought of a last turn, once and before the
 * answer. `inline` is among them only where the template does not have another way to think: one
 * that knows keys and no tags would write the tags as text.
 */
export function renderedReasoning(
  template: ChatTemplate,
  variables: Record<string, unknown> = {},
): ReasoningPlace[] {
  const rendered = (turn: Record<string, unknown>) => {
    const messages = [{ role: "user", content: "Hi" }, { role: "assistant", ...turn }];
    try {
      return template.render(messages, { addGenerationPrompt: false, variables });
    } catch (error) {
      if (error instanceof InputError) return "";
      throw error;
    }
  };
  const holds = (text: string) => {
    const at = text.indexOf(THOUGHT);
    return at >= 0 && at === text.lastIndexOf(THOUGHT) && at < text.indexOf(ANSWER);
  };
  const keys = REASONING_KEYS.filter((key) => holds(rendered({ content: ANSWER, [key]: THOUGHT })));
  const inline = renderReply("chat-think", { thought: THOUGHT, answer: ANSWER });
  const text = rendered({ content: inline });
  const [open] = inline.split("\n");
  const asText = keys.length > 0 && !template.text.includes(open!.slice(1));
  return [...(holds(text) && !asText ? ["inline" as const] : []), ...keys];
}
