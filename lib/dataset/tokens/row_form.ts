/** How a dataset's rows are to be rendered: where a thought stands, and the template's switches. */
import { InputError } from "../../core/errors.ts";
import type { Format } from "../../core/records.ts";
import type { Columns, ColumnType, Value } from "../../io/columns.ts";
import { hasThought } from "../../reply/format.ts";
import { parseReply } from "../../reply/parse_reply.ts";
import { type ReasoningPlace, renderedReasoning } from "../../reply/reasoning_keys.ts";
import type { ChatMessage } from "../../reply/turn_parts.ts";
import type { TargetTokenizer } from "./tokenizer.ts";

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
  /** Columns beside the turns, by which trainers set the template's switches. */
  columns: Columns;
  /** Their values, the same in each row. */
  values: Record<string, Value>;
  /** A rendered turn as a message of this form. */
  turn(content: string): ChatMessage;
  /** Turns as values of `messages`: each has every key. */
  rows(messages: readonly ChatMessage[]): Record<string, Value>[];
}

/**
 * The form of rows for a tokenizer. `compat` is the public scripts', which know no keys and no
 * switches.
 *
 * @throws {InputError} where the template does not render a thought from the place asked for, or,
 * for `auto`, from any.
 */
export function rowForm(
  { template, name, prompted }: TargetTokenizer,
  format: Format,
  { reasoning, compat }: { reasoning: Reasoning; compat?: "rlmt" },
): RowForm {
  const thinks = hasThought(format);
  const knowsSwitch = compat === undefined && template.text.includes("enable_thinking");
  const variables: Record<string, boolean> = knowsSwitch ? { enable_thinking: thinks } : {};
  const place = !thinks || prompted !== null || compat !== undefined
    ? "inline"
    : placeOf(renderedReasoning(template, variables), reasoning, name);
  const keys = place === "inline" ? [] : [place];
  const fields = Object.fromEntries(["role", "content", ...keys].map((key) => [key, "string"]));
  return {
    place,
    variables,
    messages: { list: { struct: fields as Record<string, "string"> } },
    columns: compat !== undefined ? {} : {
      ...(knowsSwitch ? { chat_template_kwargs: { struct: { enable_thinking: "bool" } } } : {}),
      enable_thinking: "bool",
    },
    values: compat !== undefined ? {} : {
      ...(knowsSwitch ? { chat_template_kwargs: variables } : {}),
      enable_thinking: thinks,
    },
    turn: (content) => {
      if (place === "inline") return { role: "assistant", content };
      const { thought, answer } = parseReply(format, content, { finishReason: "stop" });
      // A malformed reply may be rejected in its own text.
      if (thought === null || answer === null) return { role: "assistant", content };
      return { role: "assistant", content: answer, [place]: thought };
    },
    rows: (messages) =>
      messages.map((message) =>
        Object.fromEntries(Object.keys(fields).map((key) => [key, (message[key] ?? null) as Value]))
      ),
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
