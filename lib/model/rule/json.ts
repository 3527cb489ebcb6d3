/** `rule/json`: whether an answer is JSON that fits a schema. */
import { type Schema, Validator } from "@cfworker/json-schema";
import { fencedJson, jsonValue } from "../../core/json_value.ts";
import { labelText } from "./label_text.ts";
import { type Rule, unread, verdict } from "./verdict.ts";

/**
 * The rule of a JSON Schema (draft 2020-12; earlier ones by their `$schema`). The label is the
 * schema, also as JSON text; of no schema (null, true, {}) any JSON is right. The answer may stand
 * in one code fence; other text around it makes it wrong.
 *
 * @example
 * ```ts
 * import { jsonRule } from "./json.ts";
 * import assert from "node:assert/strict";
 *
 * const schema = { type: "object", required: ["name"] };
 * assert.equal(jsonRule('{"name": "Ada"}', schema).score, 1);
 * assert.equal(jsonRule('{"nom": "Ada"}', schema).score, 0);
 * ```
 */
export const jsonRule: Rule = (answer, label) => {
  const schema = schemaOf(label);
  if (schema === undefined) return unread("the label is no JSON Schema");
  const value = fencedJson(answer);
  if (value === undefined) return unread("the answer is no JSON");
  try {
    return verdict(new Validator(schema, draftOf(schema)).validate(value).valid);
  } catch (error) {
    return unread(`the schema cannot be used: ${(error as Error).message}`);
  }
};

function schemaOf(label: unknown): Schema | boolean | undefined {
  if (label === undefined || label === null) return true;
  if (typeof label === "string") {
    const value = jsonValue(label);
    return value === undefined ? undefined : schemaOf(value);
  }
  return typeof label === "boolean" || typeof label === "object" && !Array.isArray(label)
    ? label as Schema | boolean
    : undefined;
}

function draftOf(schema: Schema | boolean): "4" | "7" | "2019-09" | "2020-12" {
  const named = typeof schema === "object" ? labelText(schema.$schema) ?? "" : "";
  return /draft-04/.test(named)
    ? "4"
    : /draft-0[67]/.test(named)
    ? "7"
    : /2019/.test(named)
    ? "2019-09"
    : "2020-12";
}
