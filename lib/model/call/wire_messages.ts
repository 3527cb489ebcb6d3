/** Turns and tools as OpenAI's API, and servers that speak it, take them. */
import { ModelError } from "../../core/errors.ts";
import { callsTools, type Message, type Tools } from "../../core/records.ts";

/** The turns with the arguments of calls as JSON text. */
export function wireMessages(messages: readonly Message[]) {
  return messages.map((message) => {
    const { role, content, tool_calls, tool_call_id, name } = message;
    if (tool_calls === undefined && role !== "tool") return { role, content };
    return {
      role,
      content,
      ...(tool_call_id === undefined ? {} : { tool_call_id }),
      ...(name === undefined ? {} : { name }),
      ...(tool_calls === undefined ? {} : {
        tool_calls: tool_calls.map(({ function: called, ...call }) => ({
          type: "function",
          ...call,
          function: { ...called, arguments: JSON.stringify(called.arguments) },
        })),
      }),
    };
  });
}

/**
 * For an API that is asked in words alone: a prompt with tools or their turns is given up.
 *
 * @throws {ModelError} `reject` / `tools_not_taken`.
 */
export function refuseTools(
  { messages, tools }: { messages: readonly Message[]; tools?: Tools },
  api: string,
): void {
  if (tools === undefined && !callsTools(messages)) return;
  throw new ModelError("reject", `${api} is asked without tools here: the prompt has some`, {
    reason: "tools_not_taken",
  });
}
