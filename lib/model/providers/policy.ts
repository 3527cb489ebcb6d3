/** A text model and the chat template that renders its prompts. */
import { type Json, shortHash } from "../../core/canonical.ts";
import { type ChatTemplate, loadChatTemplate } from "../../reply/chat_template.ts";
import { templateArguments } from "../../reply/template_arguments.ts";
import {
  type HubContext,
  hubRevision,
  resolveFolder,
  tokenizerFiles,
} from "../../io/hub/hub_model.ts";
import type { TextModel } from "../text_model.ts";
import type { OpenPolicyOptions, Policy } from "./provider.ts";

/** The chat template of a tokenizer: a folder, or hf/OWNER/NAME on the Hub. Throws `InputError`. */
export async function templateIn(tokenizer: string, context: HubContext): Promise<ChatTemplate> {
  return await loadChatTemplate(
    await resolveFolder(tokenizer, context, tokenizerFiles, { bare: true }),
  );
}

/** The policy of a model whose prompts a template renders. Throws `InputError` for bad arguments. */
export function policyOf(
  model: TextModel,
  template: ChatTemplate,
  { templateArg = [] }: Pick<OpenPolicyOptions, "templateArg">,
): Policy {
  const variables = templateArguments(templateArg, template);
  return {
    model,
    render: (messages, tools) =>
      template.render(messages, { addGenerationPrompt: true, variables, tools }),
    tokenizerRevision: hubRevision(template.file),
    templateHash: shortHash([
      template.text,
      { ...template.specialTokens },
      ...(templateArg.length > 0 ? [variables as Json] : []),
    ]),
  };
}
