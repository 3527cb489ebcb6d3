/** A teacher's plan and reply as JSON under a schema, for providers that can hold a model to one. */
import { z } from "zod";
import { jsonValue } from "../core/json_value.ts";
import type { Answer, FinishReason } from "../core/records.ts";
import { faultOf, type ReplyParts } from "./format.ts";
import type { ParsedReply } from "./parse_reply.ts";

/** The one definition: what is asked of the provider, and what its reply is read with. */
export const StructuredReply = z.strictObject({
  plan: z.string().describe("a detailed plan for the reply, written before it"),
  reply: z.string().describe("the reply itself, complete"),
});

/** The name under which providers are given the schema. */
const STRUCTURED_NAME = "planned_reply";

/** `StructuredReply` as JSON Schema (draft 2020-12), all fields required and no others allowed. */
function structuredSchema(): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(StructuredReply);
  return schema;
}

/** The schema that a reply is to follow: that of a planned reply, or what is asked for itself. */
export function schemaAsked(
  { thinking, schema }: { thinking: string; schema?: NamedSchema },
): NamedSchema | undefined {
  return thinking === "structured" ? { name: STRUCTURED_NAME, schema: structuredSchema() } : schema;
}

/** A JSON Schema, and what providers call it. */
export interface NamedSchema {
  name: string;
  schema: Record<string, unknown>;
}

/**
 * Reads a structured reply as `parseSimulated` reads a tagged one; `malformed` may also be
 * `not_json`: text that the schema refuses.
 *
 * @example
 * ```ts
 * import { parseStructured } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * const text = '{"plan":"Greet.","reply":"Hello!"}';
 * assert.equal(parseStructured(text, { finishReason: "stop" }).answer, "Hello!");
 * ```
 */
export function parseStructured(
  text: string,
  origin: { finishReason: FinishReason },
): ParsedReply | { thought: null; answer: null; malformed: "not_json" } {
  const nothing = { thought: null, answer: null };
  if (origin.finishReason === "length") return { ...nothing, malformed: "cut_by_length" };
  if (origin.finishReason !== "stop") return { ...nothing, malformed: "cut_by_provider" };
  const read = StructuredReply.safeParse(jsonValue(text));
  if (!read.success) return { ...nothing, malformed: "not_json" };
  const parts = { thought: read.data.plan.trim(), answer: read.data.reply.trim() };
  const fault = faultOf("prompted-think", parts);
  if (fault !== null) return { ...nothing, malformed: fault };
  return { thought: parts.thought, answer: parts.answer as Answer, malformed: null };
}

/** The text that `parseStructured` reads back as these parts. */
export function renderStructured({ thought, answer }: ReplyParts): string {
  return JSON.stringify({ plan: thought ?? "", reply: answer });
}
