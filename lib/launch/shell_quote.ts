/** Values that come from the user, made safe for a shell and for `#SBATCH` lines. */
import { InputError } from "../core/errors.ts";

/**
 * A word that a POSIX shell reads back as exactly this text. Plain words stay as they are.
 *
 * @example
 * ```ts
 * import { shellQuote } from "./shell_quote.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(shellQuote("runs/a-1"), "runs/a-1");
 * assert.equal(shellQuote("it's $(here)"), `'it'\\''s $(here)'`);
 * ```
 */
export function shellQuote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (text.includes("\0")) throw new InputError("a value for a shell holds a zero byte");
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Words as one command line. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}

/**
 * A value as sbatch reads it from a `#SBATCH --option=value` line: quoted where it holds more than
 * plain characters. Throws `InputError` for a line break, which would begin a line of its own.
 */
export function sbatchValue(option: string, text: string): string {
  // deno-lint-ignore no-control-regex -- these are what must not get into a line
  if (/[\x00-\x1f\x7f]/.test(text)) {
    throw new InputError(`--${option}: holds a line break or a control character`);
  }
  if (/^[\w@%+=:,./[\]-]+$/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
