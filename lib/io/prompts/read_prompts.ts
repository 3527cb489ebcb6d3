/** Prompts from rows of any shape that the contract names. */
import { type Json, promptId } from "../../core/canonical.ts";
import { InputError } from "../../core/errors.ts";
import type { Message, Prompt, Tools } from "../../core/records.ts";
import { type BadRow, isBadRow, orBadRow } from "../rows/bad_rows.ts";
import type { InputFilesOptions, InputPaths } from "../inputs/input_files.ts";
import { parseJson } from "../rows/parse_json.ts";
import { KeptColumns } from "./kept_columns.ts";
import { toolsOf } from "./tool_fields.ts";
import { nameOf } from "./name_of.ts";
import { promptOf } from "./prompt_field.ts";
import { readRows, type Row } from "../rows/read_rows.ts";

/** A prompt and the place that it was read from, for messages to the user. */
export type LocatedPrompt = Prompt & { where: string };

/** Options of {@link readPrompts}. */
export interface ReadPromptsOptions extends InputFilesOptions {
  /** The field that holds the prompt, in place of the usual ones. */
  promptKey?: string;
  /** Columns of the rows to carry along in `extra`. */
  keep?: readonly string[];
  /** Ends the reading. */
  signal?: AbortSignal;
}

/**
 * Streams the prompts of a file, a folder, or an earlier stage's OUT; of several, one after the
 * other.
 *
 * A row's prompt is the first of `messages`, `prompt`, `question`, `instruction` (with Alpaca's
 * `input`) and `conversations` that is there and not null, as text or as messages; trailing
 * assistant turns are dropped. Its id is the row's `id` as text, else the hash of its messages and
 * tools; its source the row's `source`, else the file's name without its endings. Texts that no model
 * can take are yielded as they are: see `promptFault`.
 *
 * @throws {InputError} naming the file, the row, the field and the rule.
 */
export async function* readPrompts(
  paths: InputPaths,
  options: ReadPromptsOptions = {},
): AsyncGenerator<LocatedPrompt> {
  for await (const prompt of readPromptRows(paths, options)) {
    if (isBadRow(prompt)) throw new InputError(prompt.fault.detail);
    yield prompt;
  }
}

/**
 * The same, with a row that is no prompt in its place: what a run rejects and goes on.
 *
 * @param beside what else is to be read of a row; an `InputError` of it makes the row a bad one.
 * @throws {InputError} for what cannot be read at all.
 */
export async function* readPromptRows<T extends object = object>(
  paths: InputPaths,
  options: ReadPromptsOptions = {},
  beside?: (row: Record<string, unknown>, where: string) => T,
): AsyncGenerator<(LocatedPrompt & T) | BadRow> {
  const { promptKey, keep, ...reading } = options;
  const kept = new KeptColumns(keep);
  for await (const row of readRows(paths, { ...reading, badLines: true })) {
    yield orBadRow(row, () => ({
      ...promptOfRow(row, promptKey),
      ...beside?.(objectOf(row), row.where) as T,
      ...kept.of(row),
    }));
  }
  kept.end(paths);
}

/** What of a prompt affects its record; the columns that were kept go into the record too. */
export function promptContent({ id, messages, tools, extra }: Prompt): Json {
  return {
    id,
    messages,
    ...(tools === undefined ? {} : { tools }),
    ...(extra === undefined ? {} : { extra: extra as Json }),
  };
}

/** One row's prompt, by the rules of {@link readPrompts}. */
export function promptOfRow(located: Row, promptKey?: string): LocatedPrompt {
  const { where, stem } = located;
  const row = objectOf(located);
  const messages = promptOf(row, where, promptKey), tools = toolsOf(row, where);
  const id = idOf(row, messages, where, tools), source = sourceOf(row, stem, where);
  return { id, source, messages, ...(tools === undefined ? {} : { tools }), where };
}

/** The row as an object. @throws {InputError} where it is something else. */
export function objectOf({ row, text, fault, where }: Row): Record<string, unknown> {
  if (text !== undefined) parseJson(text, where);
  if (fault !== undefined) throw new InputError(`${where}: ${fault}`);
  if (typeof row === "object" && row !== null && !Array.isArray(row)) {
    return row as Record<string, unknown>;
  }
  throw new InputError(`${where}: a row must be an object, not ${nameOf(row)}`);
}

/** The row's `id` as text; where it has none, the hash of its messages. */
export function idOf(
  row: Record<string, unknown>,
  messages: Message[],
  where: string,
  tools?: Tools,
): string {
  const { id } = row;
  if (id === undefined || id === null || id === "") return promptId(messages, tools);
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
