/** Tools and their calls as rows hold them. */
import { InputError } from "../../core/errors.ts";
import { ToolCall, Tools } from "../../core/records.ts";
import { firstFault } from "../../core/rule_words.ts";
import type { z } from "zod";
import { nameOf } from "./name_of.ts";

/**
 * The calls of an assistant's turn; undefined where there are none. Arguments may be an object or
 * its JSON text, as OpenAI's API has them.
 *
 * @throws {InputError} naming the place and the rule.
 */
export function toolCallsOf(value: unknown, where: string): ToolCall[] | undefined {
  const calls = fromJson(value, where);
  if (isNothing(calls)) return undefined;
  if (!Array.isArray(calls)) throw new InputError(`${where}: must be a list, not ${nameOf(calls)}`);
  return calls.map((call, index) => checked(ToolCall, callOf(call, where), `${where}[${index}]`));
}

/**
 * The tools that a row offers (its column `tools`), as a list or as JSON text; undefined where there
 * are none.
 *
 * @throws {InputError} naming the place and the rule.
 */
export function toolsOf(row: Record<string, unknown>, where: string): Tools | undefined {
  const tools = fromJson(row.tools, `${where}: tools`);
  return isNothing(tools) ? undefined : checked(Tools, tools, `${where}: tools`);
}

/** A call, its arguments read where they are text, and fields that are null left out. */
function callOf(call: unknown, where: string): unknown {
  if (typeof call !== "object" || call === null) return call;
  const fields = Object.entries(call).filter(([, value]) => value !== null);
  return Object.fromEntries(fields.map(([name, value]) => {
    if (name !== "function" || typeof value !== "object") return [name, value];
    const args = fromJson(value.arguments ?? {}, `${where}: arguments`);
    return [name, { ...value, arguments: args }];
  }));
}

function fromJson(value: unknown, where: string): unknown {
  if (typeof value !== "string") return value;
  if (value.trim() === "") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    throw new InputError(`${where}: must be JSON, not ${JSON.stringify(value.slice(0, 40))}`);
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || Array.isArray(value) && value.length === 0;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { field, rule } = firstFault(parsed.error);
  throw new InputError(`${where}${field && `.${field}`}: ${rule}`);
}
