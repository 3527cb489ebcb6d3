/** What columns a row has, in words. */

/** The columns that a row has, for a message. */
export function columnsOf(columns: readonly string[]): string {
  const names = columns.map((name) => name.length > 40 ? `${name.slice(0, 40)}…` : name);
  if (names.length === 0) return "the row is empty";
  const more = names.length > 12 ? ` and ${names.length - 12} more` : "";
  return `the row has ${names.slice(0, 12).join(", ")}${more}`;
}
