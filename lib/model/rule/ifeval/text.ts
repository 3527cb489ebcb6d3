/** Text as Python's `re` and `str` see it, for checks that were written in Python. */
import { SPACE } from "../../../reply/python_strip.ts";

/** Python's `\w` for text, as the inside of a character class. */
const WORD = "\\p{L}\\p{N}_";

const isSpace = new RegExp(`[${SPACE}]`);
const boundary = `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;

/** Classes that mean more characters in Python's patterns than in JavaScript's. */
const CLASSES: Record<string, [inClass: string, alone: string]> = {
  d: ["\\p{Nd}", "\\p{Nd}"],
  D: ["\\P{Nd}", "\\P{Nd}"],
  s: [SPACE, `[${SPACE}]`],
  S: ["\\S", `[^${SPACE}]`],
  w: [WORD, `[${WORD}]`],
  W: ["\\W", `[^${WORD}]`],
  b: ["\\b", boundary],
};

/**
 * A Python pattern as JavaScript's, global and with Unicode's classes; undefined where it is none.
 *
 * Only what differs in plain patterns is translated: `\d`, `\s`, `\w`, `\b` and `.`.
 */
export function pythonPattern(source: string, flags = ""): RegExp | undefined {
  let out = "", inClass = false;
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (char === "\\") {
      const next = source[++at] ?? "";
      const known = CLASSES[next];
      // Under `u` only what has a meaning may be escaped.
      const escaped = /[\p{L}\p{N}^$\\.*+?()[\]{}|/-]/u.test(next) ? `\\${next}` : next;
      out += known ? known[inClass ? 0 : 1] : escaped;
      continue;
    }
    if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    out += char === "." && !inClass ? "[^\\n]" : char;
  }
  for (const more of ["u", ""]) {
    try {
      return new RegExp(out, `g${flags}${more}`);
    } catch { /* lone braces and the like: JavaScript takes them without `u` */ }
  }
  return undefined;
}

/** How often a pattern stands in a text, without overlaps. */
export function countOf(pattern: RegExp, text: string): number {
  let count = 0;
  for (const _ of text.matchAll(pattern)) count++;
  return count;
}

/** Python's `str.isupper`: some cased letter, and all of them capital. */
export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

/** Python's `str.islower`. */
export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}

/**
 * Lines that begin with a mark, white space before it aside; where a mark's line is empty the next
 * one belongs to it, as in `^\s*MARK.*$` with Python's `\s`, which goes over line ends.
 */
export function markedLines(text: string, marks: (at: number) => number): number {
  let count = 0;
  for (let line = 0; line < text.length;) {
    let at = line;
    while (at < text.length && isSpace.test(text[at]!)) at++;
    const length = at < text.length ? marks(at) : 0;
    if (length > 0) count++;
    const end = text.indexOf("\n", at + length);
    if (end < 0) break;
    line = end + 1;
  }
  return count;
}
