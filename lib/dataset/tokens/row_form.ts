/** How a dataset's rows are to be rendered: where a thought stands, and the template's switches. */
import { InputError } from "../../core/errors.ts";
import type { Format, Message, Tools } from "../../core/records.ts";
import type { Columns, ColumnType, Value } from "../../io/write/columns.ts";
import { jsonForm, plainForm } from "../../io/write/message_values.ts";
import { hasThought } from "../../reply/format.ts";
import { parseReply } from "../../reply/parse_reply.ts";
import { type ReasoningPlace, renderedReasoning } from "../../reply/reasoning_keys.ts";
import { type ChatMessage, partsOfTurn } from "../../reply/turn_parts.ts";
import { checkVariant, type TargetTokenizer } from "./tokenizer.ts";

/** What `--reasoning` takes. */
export const REASONING = ["inline", "reasoning_content", "thinking", "auto"] as const;
export type Reasoning = (typeof REASONING)[number];

/** The form of the rows of one tokenizer and reply format. */
export interface RowForm {
  /** Where the thought stands: between tags in the content, or in a key beside it. */
  place: Exclude<Reasoning, "auto">;
  /** The template's variables that the rows name. */
  variables: Record<string, boolean>;
  /** The type of a list of turns. */
  messages: ColumnType;
  /** Columns beside the turns: the prompt's tools, and the switches that trainers set by them. */
  columns: Columns;
  /** Their values in a row. */
  values(tools?: Tools): Record<string, Value>;
  /** A turn, its thought in tags, as a message of this form. */
  message(message: Message): ChatMessage;
  /** Turns as values of `messages`. */
  rows(messages: readonly ChatMessage[]): readonly Value[];
}

/**
 * The form of rows for a tokenizer. `compat` is the public scripts', which know no keys and no
 * switches; `json` writes turns as JSON, for those that call tools.
 *
 * @throws {InputError} where the template asks for other replies, does not render a thought from
 * the place asked for, or, for `auto`, from any.
 */
export function rowForm(
  tokenizer: TargetTokenizer,
  format: Format,
  { reasoning, compat }: { reasoning: Reasoning; compat?: "rlmt" },
  { json }: { json: boolean } = { json: false },
): RowForm {
  const { template, name, prompted } = tokenizer;
  if (compat === undefined) checkVariant(tokenizer, format);
  const thinks = hasThought(format);
  const knowsSwitch = compat === undefined && template.text.includes("enable_thinking");
  const variables: Record<string, boolean> = knowsSwitch ? { enable_thinking: thinks } : {};
  const place = !thinks || prompted !== null || compat !== undefined
    ? "inline"
    : placeOf(renderedReasoning(template, variables), reasoning, name);
  const form = json ? jsonForm : plainForm(place === "inline" ? undefined : place);
  const turn = (content: string, callsTools = false) => {
    const whole = { role: "assistant", content };
    if (place === "inline") return whole;
    const { thought, answer } = callsTools
      ? partsOfTurn(whole)
      : parseReply(format, content, { finishReason: "stop" });
    // A malformed reply may be rejected in its own text; one that calls tools may say nothing.
    if (thought === null || answer === null && !callsTools) return whole;
    return { role: "assistant", content: answer ?? "", [place]: thought };
  };
  return {
    place,
    variables,
    messages: form.type,
    columns: compat !== undefined ? {} : {
      ...form.columns,
      ...(knowsSwitch ? { chat_template_kwargs: { struct: { enable_thinking: "bool" } } } : {}),
      enable_thinking: "bool",
    },
    values: (tools) =>
      compat !== undefined ? {} : {
        ...form.toolValues(tools),
        ...(knowsSwitch ? { chat_template_kwargs: variables } : {}),
        enable_thinking: thinks,
      },
    message(message) {
      if (message.role !== "assistant") return message;
      return { ...message, ...turn(message.content, message.tool_calls !== undefined) };
    },
    rows: form.values,
  };
}

function placeOf(
  rendered: readonly ReasoningPlace[],
  asked: Reasoning,
  name: string,
): RowForm["place"] {
  const places = rendered.filter((place) => place !== "reasoning");
  const words = places.join(" or ");
  if (asked !== "auto") {
    // Templates that do away with tags are told of row by row, as they may depend on the row.
    if (asked === "inline" && (places.length === 0 || places.includes("inline"))) return asked;
    if (places.includes(asked)) return asked;
    throw new InputError(
      `--reasoning ${asked}: the chat template of ${name} does not render a thought from there` +
        (places.length === 0
          ? ", nor from anywhere"
          : `: --reasoning ${places[0]} (it renders ${words})`),
    );
  }
  if (places.length === 0) {
    throw new InputError(
      `--reasoning auto: the chat template of ${name} renders a thought from none of inline tags, ` +
        `reasoning_content and thinking`,
    );
  }
  return places[0]!;
}
