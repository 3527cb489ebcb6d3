/** ms-swift: turns of its standard format. */
import type { Message } from "../../core/records.ts";

/** Turns with calls of tools as `tool_call` and `tool_response`; a call's thought is a turn before it. */
export function swiftTurns(messages: readonly Message[]): { role: string; content: string }[] {
  return messages.flatMap(({ role, content, tool_calls = [] }) => {
    if (role === "tool") return [{ role: "tool_response", content }];
    const said = content === "" && tool_calls.length > 0 ? [] : [{ role, content }];
    const calls = tool_calls.map(({ function: { name, arguments: own } }) => (
      { role: "tool_call", content: JSON.stringify({ name, arguments: own }) }
    ));
    return [...said, ...calls];
  });
}
