/** Prompts from rows of any shape that the contract names. */
import { type Json, promptId } from "../core/canonical.ts";
import { InputError } from "../core/errors.ts";
import type { Message, Prompt } from "../core/records.ts";
import { type BadRow, isBadRow, orBadRow } from "./bad_rows.ts";
import { parseJson } from "./json_array.ts";
import { KeptColumns } from "./kept_columns.ts";
import { nameOf, toMessages } from "./messages.ts";
import { readRows, type Row } from "./read_rows.ts";

/** A prompt and the place that it was read from, for messages to the user. */
export type LocatedPrompt = Prompt & { where: string };

/** Options of {@link readPrompts}. */
export interface ReadPromptsOptions {
  /** The field that holds the prompt, in place of the usual ones. */
  promptKey?: string;
  /** Columns of the rows to carry along in `extra`. */
  keep?: readonly string[];
  /** Read an earlier stage's OUT though it is not done. Default: false. */
  allowPartial?: boolean;
  signal?: AbortSignal;
}

/** The fields that may hold a prompt, in the order in which they are looked for. */
export const PROMPT_FIELDS = ["messages", "prompt", "question", "instruction"] as const;

/**
 * Streams the prompts of a file, a folder, or an earlier stage's OUT.
 *
 * A row's prompt is the first of `messages`, `prompt`, `question` and `instruction` that is there
 * and not null, as text or as messages; trailing assistant turns are dropped. Its id is the row's
 * `id` as text, else the hash of its messages; its source the row's `source`, else the file's name
 * without its endings. Texts that no model can take are yielded as they are: see `promptFault`.
 *
 * @throws {InputError} naming the file, the row, the field and the rule.
 */
export async function* readPrompts(
  path: string,
  options: ReadPromptsOptions = {},
): AsyncGenerator<LocatedPrompt> {
  for await (const prompt of readPromptRows(path, options)) {
    if (isBadRow(prompt)) throw new InputError(prompt.fault.detail);
    yield prompt;
  }
}

/**
 * The same, with a row that is no prompt in its place: what a run rejects and goes on.
 *
 * @throws {InputError} for what cannot be read at all.
 */
export async function* readPromptRows(
  path: string,
  options: ReadPromptsOptions = {},
): AsyncGenerator<LocatedPrompt | BadRow> {
  const { promptKey, keep, ...reading } = options;
  const kept = new KeptColumns(keep);
  for await (const row of readRows(path, { ...reading, badLines: true })) {
    yield orBadRow(row, () => ({ ...promptOfRow(row, promptKey), ...kept.of(row) }));
  }
  kept.end(path);
}

/** What of a prompt affects its record; the columns that were kept go into the record too. */
export function promptContent({ id, messages, extra }: Prompt): Json {
  return { id, messages, ...(extra === undefined ? {} : { extra: extra as Json }) };
}

/** One row's prompt, by the rules of {@link readPrompts}. */
export function promptOfRow(located: Row, promptKey?: string): LocatedPrompt {
  const { where, stem } = located;
  const row = objectOf(located);
  const field = promptKey ??
    PROMPT_FIELDS.find((key) => row[key] !== undefined && row[key] !== null);
  if (field === undefined) {
    throw new InputError(
      `${where}: no prompt: one of ${PROMPT_FIELDS.join(", ")} must be there; ${
        columnsOf(row)
      } (--prompt-key names the prompt's)`,
    );
  }
  const messages = toMessages(row[field], `${where}: ${field}`);
  while (messages.at(-1)?.role === "assistant") messages.pop();
  if (!messages.some((message) => message.role === "user")) {
    throw new InputError(`${where}: ${field}: there must be a user turn before the reply`);
  }
  return { id: idOf(row, messages, where), source: sourceOf(row, stem, where), messages, where };
}

/** The columns that a row has, for a message. */
export function columnsOf(row: Record<string, unknown>): string {
  const names = Object.keys(row).map((name) => name.length > 40 ? `${name.slice(0, 40)}…` : name);
  if (names.length === 0) return "the row is empty";
  const more = names.length > 12 ? ` and ${names.length - 12} more` : "";
  return `the row has ${names.slice(0, 12).join(", ")}${more}`;
}

/** The row as an object. @throws {InputError} where it is something else. */
export function objectOf({ row, text, where }: Row): Record<string, unknown> {
  if (text !== undefined) parseJson(text, where);
  if (typeof row === "object" && row !== null && !Array.isArray(row)) {
    return row as Record<string, unknown>;
  }
  throw new InputError(`${where}: a row must be an object, not ${nameOf(row)}`);
}

/** The row's `id` as text; where it has none, the hash of its messages. */
export function idOf(row: Record<string, unknown>, messages: Message[], where: string): string {
  const { id } = row;
  if (id === undefined || id === null || id === "") return promptId(messages);
  if (typeof id === "string") return id;
  if (typeof id === "bigint" || (typeof id === "number" && Number.isFinite(id))) return String(id);
  throw new InputError(`${where}: id: must be text or a number`);
}

/** The row's `source`; where it has none, the name of its file. */
export function sourceOf(row: Record<string, unknown>, stem: string, where: string): string {
  const { source } = row;
  if (source === undefined || source === null) return stem;
  if (typeof source !== "string") throw new InputError(`${where}: source: must be text`);
  return source;
}
