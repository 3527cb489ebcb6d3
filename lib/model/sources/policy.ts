/** A text model and the chat template that renders its prompts. */
import { type Json, shortHash } from "../../core/canonical.ts";
import { type ChatTemplate, loadChatTemplate } from "../../reply/chat_template.ts";
import { templateArguments } from "../../reply/template_arguments.ts";
import type { TextModel } from "../text_model.ts";
import type { OpenPolicyOptions, Policy } from "./source.ts";

export { loadChatTemplate as templateIn };

/** The policy of a model whose prompts a template renders. Throws `InputError` for bad arguments. */
export function policyOf(
  model: TextModel,
  template: ChatTemplate,
  { templateArg = [] }: Pick<OpenPolicyOptions, "templateArg">,
): Policy {
  const variables = templateArguments(templateArg, template);
  return {
    model,
    render: (messages) => template.render(messages, { addGenerationPrompt: true, variables }),
    templateHash: shortHash([
      template.text,
      { ...template.specialTokens },
      ...(templateArg.length > 0 ? [variables as Json] : []),
    ]),
  };
}
