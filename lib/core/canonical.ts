/** Canonical JSON and the hashes that name prompts and runs. */
import { createHash } from "node:crypto";
import type { Message, Tools } from "./messages.ts";
import { turnFields } from "./turns.ts";

/** A value that JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/**
 * The canonical JSON text of a value: keys sorted by UTF-16 code units, no white space, absent
 * fields left out (RFC 8785). Equal to Python's
 * `json.dumps(x, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` for text and integers.
 *
 * @example
 * ```ts
 * import { canonicalJson } from "thinkset/records";
 * import assert from "node:assert/strict";
 *
 * assert.equal(canonicalJson({ b: 1, a: ["é", null] }), '{"a":["é",null],"b":1}');
 * ```
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const field = value[key];
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalJson(field)}`);
  }
  return `{${fields.join(",")}}`;
}

/** SHA-256 of a text's UTF-8 bytes, or of bytes, as 64 lower-case hex digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The first 16 hex digits of SHA-256 over a value's canonical JSON. */
export function shortHash(value: Json): string {
  return sha256(canonicalJson(value)).slice(0, 16);
}

/**
 * The id of a prompt whose row has none: 16 hex digits over the canonical JSON of its messages, and
 * of its tools where it has some.
 *
 * @example
 * ```ts
 * import { promptId } from "thinkset/records";
 * import assert from "node:assert/strict";
 *
 * assert.equal(promptId([{ role: "user", content: "Hi" }]).length, 16);
 * ```
 */
export function promptId(messages: readonly Message[], tools?: Tools): string {
  const turns = messages.map(turnFields);
  return shortHash(tools === undefined ? turns : { messages: turns, tools });
}
