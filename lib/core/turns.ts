/** Turns of a chat, looked at: without the schemas, which take time to load. */
import type { Message } from "./messages.ts";

/** What hashes of a turn go by: its role and content, and what a call of tools adds to them. */
export function turnFields({ role, content, tool_calls, tool_call_id, name }: Message): Message {
  const fields: Message = { role, content };
  if (tool_calls !== undefined) fields.tool_calls = tool_calls;
  if (role !== "tool") return fields;
  if (tool_call_id !== undefined) fields.tool_call_id = tool_call_id;
  if (name !== undefined) fields.name = name;
  return fields;
}

/** Whether turns call tools, or are of tools: more than roles and texts. */
export function callsTools(messages: readonly Readonly<Record<string, unknown>>[]): boolean {
  return messages.some(({ role, tool_calls }) => role === "tool" || tool_calls !== undefined);
}
