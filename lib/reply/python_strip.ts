/** White space as Python's `str` knows it: chat templates and trainers strip text by these rules. */

/**
 * Python's white space, as the inside of a character class. JavaScript's trim also takes U+FEFF, and
 * leaves U+001C to U+001F and U+0085.
 */
export const SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const isSpace = new RegExp(`[${SPACE}]`);
const runOfText = new RegExp(`[^${SPACE}]+`, "g");

/** Which ends are stripped. */
export type StripSide = "both" | "left" | "right";

/**
 * Python's `text.strip()`, `lstrip()` or `rstrip()`; with `chars`, those characters instead of
 * white space.
 *
 * @example
 * ```ts
 * import { pythonStrip } from "./python_strip.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(pythonStrip("\u0085 a \x1c"), "a");
 * assert.equal(pythonStrip("\ufeffa"), "\ufeffa");
 * ```
 */
export function pythonStrip(text: string, side: StripSide = "both", chars?: string): string {
  let start = 0, end = text.length;
  if (chars === undefined) {
    // White space is one UTF-16 unit each.
    if (side !== "right") { while (start < end && isSpace.test(text[start]!)) start++; }
    if (side !== "left") { while (end > start && isSpace.test(text[end - 1]!)) end--; }
    return text.slice(start, end);
  }
  const set = new Set(chars);
  if (side !== "right") {
    while (start < end) {
      const char = String.fromCodePoint(text.codePointAt(start)!);
      if (!set.has(char)) break;
      start += char.length;
    }
  }
  if (side !== "left") {
    while (end > start) {
      const pair = end - start > 1 && isPair(text, end - 2);
      const char = pair ? text.slice(end - 2, end) : text[end - 1]!;
      if (!set.has(char)) break;
      end -= char.length;
    }
  }
  return text.slice(start, end);
}

/** Python's `text.split()` without arguments: the runs of text between white space. */
export function pythonSplit(text: string): string[] {
  return text.match(runOfText) ?? [];
}

function isPair(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}
