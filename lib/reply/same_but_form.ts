/** Whether two turns say the same in another form. */
import { bareText } from "./turn_parts.ts";

/**
 * Whether two texts differ, if at all, in white space, tags of reply formats, markdown's marks
 * (headings, quotes, bullets, emphasis, code) and case alone.
 *
 * @example
 * ```ts
 * import { sameButForm } from "./same_but_form.ts";
 * import assert from "node:assert/strict";
 *
 * assert.ok(sameButForm("**Paris** is the capital.", "paris is the\ncapital."));
 * assert.ok(!sameButForm("It is -5.", "It is 5."));
 * ```
 */
export function sameButForm(a: string, b: string): boolean {
  return mayBeSame(a, b) && formless(a) === formless(b);
}

function formless(text: string): string {
  const plain = text
    .replaceAll(/^[ \t]*(?:#{1,6}|>|[-*+])[ \t]+/gm, "")
    .replaceAll(/(?<![\p{L}\p{N}*_])(\*\*|__)(?=\S)(.{1,200}?)(?<=\S)\1/gu, "$2")
    .replaceAll(
      /(?<![\p{L}\p{N}*_])([*_])(?=\S)([^*_\n]{1,200}?)(?<=\S)\1(?![\p{L}\p{N}*_])/gu,
      "$2",
    )
    .replaceAll(/`+/g, "");
  return bareText(plain).toLowerCase();
}

/** Characters at each end in which texts are told apart quickly. */
const WITHIN = 200;
/** Letters that are enough for it. */
const ENOUGH = 24;

/**
 * False where the last or the first letters differ: no mark of form is a letter. The last ones are
 * sooner compared, as tags that would have to be taken out stand at the beginning.
 */
function mayBeSame(a: string, b: string): boolean {
  return agree(lettersOf(a, -1), lettersOf(b, -1)) && agree(lettersOf(a, 1), lettersOf(b, 1));
}

/** Whether the shorter list is what the longer one begins with. */
function agree(a: readonly number[], b: readonly number[]): boolean {
  for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return false;
  return true;
}

/**
 * The first letters a to z, in lower case, and digits, without those of tags; with -1 the last ones.
 * None where so few are found that they may be of a tag that is cut.
 */
function lettersOf(whole: string, step: 1 | -1): number[] {
  const part = step > 0 ? whole.slice(0, WITHIN) : whole.slice(-WITHIN);
  const text = part.includes("<") ? bareText(part) : part, letters: number[] = [];
  for (let at = step > 0 ? 0 : text.length - 1; letters.length < ENOUGH; at += step) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) break;
    if (code >= 48 && code <= 57 || code >= 97 && code <= 122) letters.push(code);
    else if (code >= 65 && code <= 90) letters.push(code + 32);
  }
  return letters.length < ENOUGH && whole.length > WITHIN ? [] : letters;
}
