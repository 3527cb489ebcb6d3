/** The reply that a row of an SFT set holds, its thought beside it or inline. */
import { InputError } from "../../core/errors.ts";
import type { ToolCall } from "../../core/records.ts";
import { splitInlineThought } from "../../reply/inline_thought.ts";
import { partsOfTurn } from "../../reply/turn_parts.ts";
import { parseReply } from "../../reply/parse_reply.ts";
import { nameOf } from "../prompts/name_of.ts";
import { chatOf, type Fields } from "../prompts/prompt_field.ts";

/** The keys that hold a thought beside a reply, in a row or in its last turn. */
const THOUGHT_KEYS = ["thought", "thinking", "reasoning_content", "reasoning"] as const;

/** A reply taken apart. */
export interface OwnReply {
  thought: string | null;
  response: string;
  /** Tools that the reply calls. */
  tool_calls?: ToolCall[];
}

/**
 * A row's reply: its `response`, Alpaca's `output`, or the assistant's turn at the end of its chat.
 * The thought stands beside it (`thought`, `thinking`, `reasoning_content`, `reasoning`), in the row
 * or in the turn, or inline in a turn or an `output`, in `<think>` tags.
 *
 * @throws {InputError} naming the row, the field and the rule.
 */
export function ownReply(row: Fields, where: string): OwnReply {
  const beside = thoughtOf(row, where);
  if (typeof row.response === "string") return { thought: beside, response: row.response };
  if ((row.response ?? null) !== null) {
    throw new InputError(`${where}: response: must be text, not ${nameOf(row.response)}`);
  }
  if (typeof row.output === "string") {
    return beside === null ? apart(row.output) : {
      thought: beside,
      response: row.output,
    };
  }
  const { field, chat } = chatOf(row, where);
  const last = chat.at(-1)!;
  if (last.role !== "assistant") {
    throw new InputError(
      `${where}: no reply: response, output or an assistant's turn at the end of ${field} must be there`,
    );
  }
  const turns = row[field] as readonly Fields[];
  const thought = beside ?? thoughtOf(turns.at(-1)!, `${where}: ${field}[${turns.length - 1}]`);
  if (last.tool_calls !== undefined) {
    const parts = partsOfTurn({ ...last, ...(thought === null ? {} : { thinking: thought }) });
    const { thought: own, answer } = parts;
    return { thought: own, response: answer ?? "", tool_calls: last.tool_calls };
  }
  return thought === null ? apart(last.content) : { thought, response: last.content };
}

function thoughtOf(fields: Fields, where: string): string | null {
  for (const key of THOUGHT_KEYS) {
    const value = fields[key];
    if (value === undefined || value === null) continue;
    if (typeof value === "string") return value;
    throw new InputError(`${where}: ${key}: must be text, not ${nameOf(value)}`);
  }
  return null;
}

/** A text that may hold its thought; one whose tags make no sense is left to the dataset's checks. */
function apart(text: string): OwnReply {
  const origin = { finishReason: "stop" } as const;
  const tagged = parseReply("prompted-think", text, origin);
  if (tagged.malformed === null) return { thought: tagged.thought, response: tagged.answer };
  const inline = splitInlineThought(text, origin);
  return inline === null
    ? { thought: null, response: text }
    : { thought: inline.reasoning, response: inline.text };
}
