/** The chat templates of prompted models: the document's form and the released models' form. */
import type { Format, Message, Variant } from "../core/records.ts";
import { pythonStrip } from "./python_strip.ts";

/** The named forms: the paper's own words, and the template of the models that were released. */
export const PROMPTED_FORMS = ["document", "rlmt"] as const;
/** One of the named forms. */
export type PromptedForm = (typeof PROMPTED_FORMS)[number];

/** The reply format that a prompted model of this variant writes. */
export function promptedFormat(variant: Variant): Format {
  return variant === "think" ? "prompted-think" : "prompted-nothink";
}

const paragraphs: Record<Variant, string> = {
  think: "A conversation between User and Assistant. Following the User's query, the Assistant " +
    "first plans a response, and then provides the response. The internal reasoning process is " +
    "enclosed within <think> </think> tags and the response is enclosed within <response> " +
    "</response> tags, i.e., in the format <think> reasoning process here </think> <response> " +
    "response here </response>.",
  nothink: "A conversation between User and Assistant. The user asks a question, and the " +
    "assistant provides a response. The response is enclosed within <response> </response> tags, " +
    "i.e., <response> response </response>.",
};

interface Form {
  /** What stands between paragraphs: the first one, a system message, the first turn. */
  paragraphEnd: string;
  /** What stands around a query within its tags. */
  inner: string;
}

const forms: Record<PromptedForm, Form> = {
  document: { paragraphEnd: "\n", inner: " " },
  rlmt: { paragraphEnd: "\n\n", inner: "" },
};

/**
 * The chat template of a prompted model, in Jinja: BOS where the tokenizer has one, the paragraph
 * that asks for the format, then the turns, each on a line of its own. Content is stripped of white
 * space; a system message is a paragraph of its own; an assistant turn ends with EOS and stands in
 * `{% generation %}`, so that trainers can learn it alone.
 *
 * @example
 * ```ts
 * import { promptedTemplate } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * assert.match(promptedTemplate("document", "think"), /^\{%- if bos_token %\}/);
 * ```
 */
export function promptedTemplate(name: PromptedForm, variant: Variant): string {
  const { paragraphEnd, inner } = forms[name];
  const end = JSON.stringify(paragraphEnd).replaceAll('"', "'");
  return `{%- if bos_token %}{{ bos_token }}{% endif -%}
${paragraphs[variant]}
{%- set ns = namespace(gap=${end}) %}
{%- for message in messages %}
    {%- set content = message['content'] | trim %}
    {%- if message['role'] == 'user' %}
        {{- ns.gap + 'User: <query>${inner}' + content + '${inner}</query>' }}
        {%- set ns.gap = '\\n' %}
    {%- elif message['role'] == 'assistant' %}
        {{- ns.gap + 'Assistant:' }}{% generation %}{{ ' ' + content + eos_token }}{% endgeneration %}
        {%- set ns.gap = '\\n' %}
    {%- elif message['role'] == 'system' %}
        {%- if content %}
            {{- ${end} + content }}
            {%- set ns.gap = ${end} %}
        {%- endif %}
    {%- else %}
        {{- raise_exception('Only system, user and assistant messages are known, not ' + message['role']) }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- ns.gap + 'Assistant:' }}
{%- endif %}
`;
}

/**
 * What a chat must read like in a named form, written without the template: new prompted models
 * are compared with it before they are put in place.
 */
export function promptedText(
  name: PromptedForm,
  variant: Variant,
  messages: readonly Message[],
  options: { bosToken: string | null; eosToken: string; addGenerationPrompt: boolean },
): string {
  const { paragraphEnd, inner } = forms[name];
  let text = (options.bosToken ?? "") + paragraphs[variant];
  let gap = paragraphEnd;
  for (const message of messages) {
    const content = pythonStrip(message.content);
    if (message.role === "system") {
      if (content === "") continue;
      text += paragraphEnd + content;
      gap = paragraphEnd;
      continue;
    }
    const turn = message.role === "user"
      ? `User: <query>${inner}${content}${inner}</query>`
      : `Assistant: ${content}${options.eosToken}`;
    text += gap + turn;
    gap = "\n";
  }
  return options.addGenerationPrompt ? `${text}${gap}Assistant:` : text;
}

/** The settings that programs of the public scripts' family read from `longcot_config.json`. */
export interface LongcotConfig {
  longcot: true;
  /** The answer starts after this. */
  longcot_delimiter: string;
  /** The answer ends before this. */
  end_delimiter: string;
  /** Put after `Assistant:` when sampling; empty where there is no thought to open. */
  start_think_marker: string;
}

/** The `longcot_config.json` of a variant: no field is null, for those programs add it to text. */
export function longcotConfig(variant: Variant): LongcotConfig {
  return {
    longcot: true,
    longcot_delimiter: "<response>",
    end_delimiter: "</response>",
    start_think_marker: variant === "think" ? "<think>" : "",
  };
}

/** The form of that name, or undefined for what must be a path. */
export function promptedFormOf(template: string): PromptedForm | undefined {
  return PROMPTED_FORMS.find((form) => form === template);
}
