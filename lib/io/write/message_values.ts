/** Turns as values of a column: plain structs, or JSON where turns have more than roles and texts. */
import { callsTools, type Message, type Tools } from "../../core/records.ts";
import { type Columns, type ColumnType, MESSAGES, type Value } from "./columns.ts";

/**
 * A list of turns as JSON each, as `datasets.Json` reads it: structs would give every turn and every
 * call's arguments the fields of all others, null, and templates ask whether a turn has `tool_calls`.
 */
const JSON_MESSAGES: ColumnType = { list: "json" };

/** The column of the tools that prompts offer. */
const TOOLS_COLUMN: Columns = { tools: "json" };

/** Whether a prompt's rows need these types. */
export function needsJson({ messages, tools }: { messages: readonly Message[]; tools?: Tools }) {
  return tools !== undefined || callsTools(messages);
}

/** How the turns of a dataset are written. */
export interface MessageForm {
  /** The type of a list of turns. */
  type: ColumnType;
  /** Columns beside them. */
  columns: Columns;
  values(messages: readonly Readonly<Record<string, unknown>>[]): readonly Value[];
  /** Values of `columns`. */
  toolValues(tools: Tools | undefined): Record<string, Value>;
}

/** Turns with what they have, in JSON. */
export const jsonForm: MessageForm = {
  type: JSON_MESSAGES,
  columns: TOOLS_COLUMN,
  values: (messages) => messages.map((message) => JSON.stringify(message)),
  toolValues: (tools) => ({ tools: tools === undefined ? null : JSON.stringify(tools) }),
};

/**
 * Roles and texts, and with `key` what stands beside them there. Its methods throw `ToolsFound` for
 * what needs JSON.
 */
export function plainForm(key?: string): MessageForm {
  const keys = ["role", "content", ...(key === undefined ? [] : [key])];
  const struct = Object.fromEntries(keys.map((name) => [name, "string"] as const));
  return {
    type: key === undefined ? MESSAGES : { list: { struct } },
    columns: {},
    values(messages) {
      if (callsTools(messages)) throw new ToolsFound();
      return messages.map((message) =>
        Object.fromEntries(keys.map((name) => [name, (message[name] ?? null) as Value]))
      );
    },
    toolValues(tools) {
      if (tools !== undefined) throw new ToolsFound();
      return {};
    },
  };
}

/** Thrown where turns that are written as they are read are plain, and one needs JSON. */
export class ToolsFound extends Error {}

/** Runs a build with plain turns; once more, from its beginning, where a row turns out to need JSON. */
export async function withMessageForm<T>(build: (json: boolean) => Promise<T>): Promise<T> {
  try {
    return await build(false);
  } catch (error) {
    if (!(error instanceof ToolsFound)) throw error;
    return await build(true);
  }
}
