/** What an assistant's turn of a dataset says: its thought and its answer, wherever they stand. */
import { pythonStrip } from "./python_strip.ts";

/** The message keys that templates read a thought from, beside tags in the content. */
export const REASONING_KEYS = ["reasoning_content", "reasoning", "thinking"] as const;
export type ReasoningKey = (typeof REASONING_KEYS)[number];

/** A turn as a chat template takes it. */
export interface ChatMessage {
  /** Who speaks. */
  readonly role: string;
  /** What is said: text, as a rule. */
  readonly content?: unknown;
  /** What else a template may read: a thought, tool calls. */
  readonly [key: string]: unknown;
}

/** The two parts of an assistant's turn, stripped; null where a turn has no such part. */
export interface TurnParts {
  thought: string | null;
  answer: string | null;
  /** Where the thought stands: in a key of the message, or between tags in its content. */
  key: ReasoningKey | "inline" | null;
}

const OPEN = "<think>", CLOSE = "</think>", RESPONSE = "<response>", END_RESPONSE = "</response>";

/**
 * Takes a turn apart. Unlike a sampled reply's, a dataset's turn is not judged: what has no tags is
 * all answer.
 *
 * @example
 * ```ts
 * import { partsOfTurn } from "./turn_parts.ts";
 * import assert from "node:assert/strict";
 *
 * const content = "<think>\nI add.\n</think>\n\n4";
 * assert.deepEqual(partsOfTurn({ role: "assistant", content }), {
 *   thought: "I add.",
 *   answer: "4",
 *   key: "inline",
 * });
 * assert.equal(partsOfTurn({ role: "assistant", content: "4", reasoning: "I add." }).key, "reasoning");
 * ```
 */
export function partsOfTurn(message: ChatMessage): TurnParts {
  const content = typeof message.content === "string" ? message.content : "";
  for (const key of REASONING_KEYS) {
    const value = message[key];
    if (typeof value !== "string" || pythonStrip(value) === "") continue;
    return { thought: pythonStrip(value), answer: partOf(content), key };
  }
  const close = content.indexOf(CLOSE);
  if (close < 0) return { thought: null, answer: partOf(inResponse(content)), key: null };
  const open = content.indexOf(OPEN);
  const thought = partOf(content.slice(open < 0 || open > close ? 0 : open + OPEN.length, close));
  const answer = partOf(inResponse(content.slice(close + CLOSE.length)));
  return { thought, answer, key: thought === null ? null : "inline" };
}

/** A turn's content with the thought of its keys before it, in tags; as it is where there is none. */
export function withThoughtInline(message: Readonly<Record<string, unknown>>, content: string) {
  const key = REASONING_KEYS.find((key) => {
    const value = message[key];
    return typeof value === "string" && pythonStrip(value) !== "";
  });
  if (key === undefined || content.includes(CLOSE)) return content;
  return `${OPEN}\n${pythonStrip(message[key] as string)}\n${CLOSE}\n\n${content}`;
}

/** Whether a text opens or closes a thought, and in which way. */
export function thoughtTags(text: string): "none" | "opens" | "closes" | "both" {
  const opens = text.includes(OPEN), closes = text.includes(CLOSE);
  return opens ? (closes ? "both" : "opens") : closes ? "closes" : "none";
}

/** How many thoughts a text opens. */
export function openedThoughts(text: string): number {
  return text.split(OPEN).length - 1;
}

/** A text without the tags of all reply formats, and without white space. */
export function bareText(text: string): string {
  return text.replaceAll(/<\/?(?:think|response)>/g, "").replaceAll(/\s+/g, "");
}

/** Whether a template writes or reads the tags of a thought. */
export function knowsThoughtTags(template: string): boolean {
  return template.includes("think>");
}

function inResponse(text: string): string {
  const open = text.indexOf(RESPONSE), close = text.lastIndexOf(END_RESPONSE);
  return open < 0 || close < open ? text : text.slice(open + RESPONSE.length, close);
}

function partOf(text: string): string | null {
  const stripped = pythonStrip(text);
  return stripped === "" ? null : stripped;
}
