/** Where a row holds its prompt. */
import { InputError } from "../../core/errors.ts";
import type { Message } from "../../core/records.ts";
import { columnsOf } from "../rows/columns_of.ts";
import { toMessages } from "./messages.ts";

/** A row's columns. */
export type Fields = Record<string, unknown>;

/** The fields that may hold a prompt, in the order in which they are looked for. */
export const PROMPT_FIELDS = [
  "messages",
  "prompt",
  "question",
  "instruction",
  "conversations",
] as const;

/** Alpaca's rows and ShareGPT's hold a system prompt beside these fields. */
const WITH_SYSTEM: readonly string[] = ["instruction", "conversations"];

/**
 * A row's chat, a reply at its end included, from the field that `promptKey` names or the first of
 * {@link PROMPT_FIELDS} that is there. Alpaca's `input` follows its `instruction` after a blank line.
 *
 * @throws {InputError} naming the row and its columns where none holds a prompt.
 */
export function chatOf(
  row: Fields,
  where: string,
  promptKey?: string,
): { field: string; chat: Message[] } {
  const isThere = (key: string) => row[key] !== undefined && row[key] !== null;
  const field = promptKey ?? PROMPT_FIELDS.find(isThere);
  if (field === undefined) {
    throw new InputError(
      `${where}: no prompt: one of ${PROMPT_FIELDS.join(", ")} must be there; ${
        columnsOf(Object.keys(row))
      } (--prompt-key names the prompt's)`,
    );
  }
  if (!(field in row)) {
    const columns = columnsOf(Object.keys(row));
    throw new InputError(`${where}: no column ${field} (--prompt-key); ${columns}`);
  }
  const chat = toMessages(row[field], `${where}: ${field}`);
  const [first] = chat;
  if (field === "instruction" && chat.length === 1 && isText(row.input)) {
    chat[0] = { ...first!, content: `${first!.content}\n\n${row.input}` };
  }
  if (WITH_SYSTEM.includes(field) && isText(row.system) && first!.role !== "system") {
    chat.unshift({ role: "system", content: row.system });
  }
  return { field, chat };
}

/**
 * The prompt: the chat without the assistant's turns at its end.
 *
 * @throws {InputError} as {@link chatOf}; also where no user turn is left.
 */
export function promptOf(row: Fields, where: string, promptKey?: string): Message[] {
  const { field, chat } = chatOf(row, where, promptKey);
  while (chat.at(-1)?.role === "assistant") chat.pop();
  if (chat.some((message) => message.role === "user")) return chat;
  throw new InputError(`${where}: ${field}: there must be a user turn before the reply`);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
