/** A text model and the chat template that renders its prompts. */
import { shortHash } from "../../core/canonical.ts";
import { type ChatTemplate, loadChatTemplate } from "../../reply/chat_template.ts";
import type { TextModel } from "../text_model.ts";
import type { Policy } from "./source.ts";

export { loadChatTemplate as templateIn };

/** The policy of a model whose prompts a template renders. */
export function policyOf(model: TextModel, template: ChatTemplate): Policy {
  return {
    model,
    render: (messages) => template.render(messages, { addGenerationPrompt: true }),
    templateHash: shortHash([template.text, { ...template.specialTokens }]),
  };
}
