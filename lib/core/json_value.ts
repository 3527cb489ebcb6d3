/** JSON that others wrote, and that may be none. */

/** The value of a JSON text; undefined where it is none. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same for a text that may stand in one code fence, as models write it. */
export function fencedJson(text: string): unknown {
  const fenced = /^\s*```(?:json)?\s*\n([^]*?)\n?\s*```\s*$/i.exec(text);
  return jsonValue(fenced?.[1] ?? text);
}
