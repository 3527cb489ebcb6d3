/** Chats as rows hold them, in the one shape of the records. */
import { InputError } from "../core/errors.ts";
import type { Message, Prompt } from "../core/records.ts";

const ROLES: Record<string, Message["role"]> = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  assistant: "assistant",
  gpt: "assistant",
  model: "assistant",
};

/**
 * A chat from a row's field: text is one user turn; a list holds turns as `{role, content}` or, as
 * ShareGPT has them, `{from, value}`. `human`, `gpt`, `model` and `developer` get their usual names.
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
  return value.map((turn, index) => toMessage(turn, `${where}[${index}]`));
}

function toMessage(turn: unknown, where: string): Message {
  if (typeof turn !== "object" || turn === null || Array.isArray(turn)) {
    throw new InputError(`${where}: must be a message with role and content, not ${nameOf(turn)}`);
  }
  const { role: own, from, content: text, value } = turn as Record<string, unknown>;
  const name = own ?? from;
  const role = typeof name === "string" && Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
  if (role === undefined) {
    const given = typeof name === "string" ? JSON.stringify(name.slice(0, 40)) : nameOf(name);
    throw new InputError(`${where}.role: must be system, user or assistant, not ${given}`);
  }
  return { role, content: contentOf(text ?? value, `${where}.content`) };
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

/** A value's kind in words: `null`, `nothing`, `a number`, `an array`, `an object`. */
export function nameOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object"
    ? "an object"
    : typeof value === "string"
    ? "text"
    : `a ${typeof value}`;
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
