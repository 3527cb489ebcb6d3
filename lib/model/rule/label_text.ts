/**
 * The text that a label, or a field of one, stands for: a text itself, a number, true or false;
 * undefined for anything else. Labels are rows' columns of any file: an object need not even have a
 * text that JavaScript could make of it.
 */
export function labelText(label: unknown): string | undefined {
  return ["string", "number", "bigint", "boolean"].includes(typeof label)
    ? String(label)
    : undefined;
}
