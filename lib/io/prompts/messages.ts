/** Chats as rows hold them, in the one shape of the records. */
import { InputError } from "../../core/errors.ts";
import type { Message, Prompt } from "../../core/records.ts";
import { withThoughtInline } from "../../reply/turn_parts.ts";
import { nameOf } from "./name_of.ts";
import { toolCallsOf } from "./tool_fields.ts";

const ROLES: Record<string, Message["role"]> = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  assistant: "assistant",
  gpt: "assistant",
  model: "assistant",
  tool: "tool",
  observation: "tool",
};

/**
 * A chat from a row's field: text is one user turn; a list holds turns as `{role, content}` or, as
 * ShareGPT has them, `{from, value}`. `human`, `gpt`, `model`, `developer` and `observation` get their
 * usual names. Calls of tools stay with their turns; a thought beside an earlier turn of the
 * assistant (`reasoning_content`, `reasoning`, `thinking`) goes into its content, in tags.
 *
 * @param where names the place in errors, the field included
 * @throws {InputError} where it is neither, or a turn's role or content is not what it must be.
 */
export function toMessages(value: unknown, where: string): Message[] {
  if (typeof value === "string") return [{ role: "user", content: value }];
  if (!Array.isArray(value)) {
    throw new InputError(`${where}: must be text or a list of messages, not ${nameOf(value)}`);
  }
  if (value.length === 0) throw new InputError(`${where}: must hold at least one message`);
  return value.map((turn, index) =>
    toMessage(turn, `${where}[${index}]`, index === value.length - 1)
  );
}

function toMessage(turn: unknown, where: string, isLast: boolean): Message {
  if (typeof turn !== "object" || turn === null || Array.isArray(turn)) {
    throw new InputError(`${where}: must be a message with role and content, not ${nameOf(turn)}`);
  }
  const fields = turn as Record<string, unknown>;
  const speaker = fields.role ?? fields.from, text = fields.content ?? fields.value;
  const role = typeof speaker === "string" && Object.hasOwn(ROLES, speaker)
    ? ROLES[speaker]
    : undefined;
  if (role === undefined) {
    const given = typeof speaker === "string"
      ? JSON.stringify(speaker.slice(0, 40))
      : nameOf(speaker);
    throw new InputError(`${where}.role: must be system, user, assistant or tool, not ${given}`);
  }
  if (role === "assistant") {
    const tool_calls = toolCallsOf(fields.tool_calls, `${where}.tool_calls`);
    const said = tool_calls !== undefined && (text ?? null) === null
      ? ""
      : contentOf(text, `${where}.content`);
    // A reply at the end is taken apart by who reads it.
    const content = isLast ? said : withThoughtInline(fields, said);
    return tool_calls === undefined ? { role, content } : { role, content, tool_calls };
  }
  const content = contentOf(text, `${where}.content`);
  if (role !== "tool") return { role, content };
  const { tool_call_id: id, name } = fields;
  return {
    role,
    content,
    ...(typeof id === "string" ? { tool_call_id: id } : {}),
    ...(typeof name === "string" ? { name } : {}),
  };
}

/** Text, or a list of text parts, whose texts stand on lines of their own as vLLM joins them. */
function contentOf(content: unknown, where: string): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content) || content.length === 0) {
    throw new InputError(`${where}: must be text, not ${nameOf(content)}`);
  }
  return content.map((part, index) => {
    const { type = "text", text } = (part ?? {}) as Record<string, unknown>;
    if (type === "text" && typeof text === "string") return text;
    const kind = typeof type === "string" ? JSON.stringify(type.slice(0, 40)) : nameOf(part);
    throw new InputError(`${where}[${index}]: must be a part of text, not ${kind}`);
  }).join("\n");
}

/** Why no model can be asked this prompt; these are reasons of rejects. */
export type PromptFault = "invalid_unicode" | "empty_prompt";

/**
 * What is wrong with a prompt's text that a run should reject and go on: half a surrogate pair in
 * it (it has no UTF-8 form), or a last user turn without a visible character. Else null.
 */
export function promptFault(prompt: Prompt): PromptFault | null {
  if (!prompt.id.isWellFormed() || !prompt.source.isWellFormed()) return "invalid_unicode";
  if (hasLoneSurrogate(prompt.messages)) return "invalid_unicode";
  const last = prompt.messages.findLast((message) => message.role === "user");
  return last === undefined || last.content.trim() === "" ? "empty_prompt" : null;
}

/** Whether any content holds half a surrogate pair. */
export function hasLoneSurrogate(messages: readonly Message[]): boolean {
  return messages.some((message) => !message.content.isWellFormed());
}
