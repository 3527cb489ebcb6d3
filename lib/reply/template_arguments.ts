/** A chat template's own variables, as a user gives them: `enable_thinking=false`. */
import { InputError } from "../core/errors.ts";
import type { ChatTemplate } from "./chat_template.ts";

/** What every template is given already. */
const OURS = ["messages", "add_generation_prompt", "tools", "documents"];

/**
 * Variables for a template from `NAME=VALUE`, the value as JSON where it is JSON, else as text.
 *
 * @throws {InputError} for what is no `NAME=VALUE`, is given twice, is not the user's to give, or is
 * a name that the template does not hold, so that it would change nothing.
 *
 * @example
 * ```ts
 * import { templateArguments } from "./template_arguments.ts";
 * import assert from "node:assert/strict";
 *
 * const template = { text: "{% if enable_thinking %}<think>{% endif %}", file: "x.jinja" };
 * assert.deepEqual(templateArguments(["enable_thinking=false"], template), {
 *   enable_thinking: false,
 * });
 * ```
 */
export function templateArguments(
  given: readonly string[],
  { text, file }: Pick<ChatTemplate, "text" | "file">,
): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  for (const each of given) {
    const [, name, value] = /^([A-Za-z_]\w*)=([^]*)$/.exec(each) ?? [];
    const refused = (why: string) => new InputError(`--template-arg ${each}: ${why}`);
    if (name === undefined) throw refused("give NAME=VALUE, such as enable_thinking=false");
    if (OURS.includes(name)) throw refused(`${name} is given to every template already`);
    if (Object.hasOwn(variables, name)) throw refused(`${name} is given twice`);
    if (!new RegExp(`\\b${name}\\b`).test(text)) {
      throw refused(`the chat template in ${file} knows no ${name}`);
    }
    variables[name] = valueOf(value!);
  }
  return variables;
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
