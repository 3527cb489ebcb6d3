/** Changes a few fields of a JSON file and leaves the others as they are written. */
import { InputError, messageOf } from "../core/errors.ts";

// Numbers keep their spelling: 1e-05, 500000.0 and integers past 2^53 mean more to Python than to
// JavaScript. The types of TypeScript's library do not know these two yet.
const rawJson = (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON;
const keepNumbers =
  ((_key: string, value: unknown, context: { source?: string }) =>
    typeof value === "number" ? rawJson(context.source!) : value) as (
      key: string,
      value: unknown,
    ) => unknown;

/** An object of a JSON file; its numbers can be written again, not reckoned with. */
export type JsonFields = Record<string, unknown>;

/** Parses the JSON object in a file's text. Throws `InputError`. */
export function parseFields(text: string, file: string): JsonFields {
  try {
    return JSON.parse(text, keepNumbers);
  } catch (error) {
    throw new InputError(`${file}: not JSON: ${messageOf(error)}`);
  }
}

/** The text of a JSON file with these fields: two spaces of indentation, as transformers writes. */
export function fieldsText(fields: JsonFields): string {
  return JSON.stringify(fields, null, 2) + "\n";
}
