/** A value's kind in words. */

/** `null`, `nothing`, `a number`, `an array`, `an object`, `text`. */
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
