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
 * The first letters and digits, in lower case, without those of tags; with -1 the last ones. None
 * where so few are found that they may be of a tag that is cut.
 */
function lettersOf(whole: string, step: 1 | -1): number[] {
  const part = step > 0 ? whole.slice(0, WITHIN) : whole.slice(-WITHIN), letters: number[] = [];
  const text = (part.includes("<") ? bareText(part) : part).toLowerCase();
  for (let at = step > 0 ? 0 : text.length - 1; letters.length < ENOUGH; at += step) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) break;
    if (isLetter(code)) letters.push(code);
  }
  return letters.length < ENOUGH && whole.length > WITHIN ? [] : letters;
}

/**
 * Whether a UTF-16 unit of a text in lower case is of a letter or a digit; of other scripts than
 * Latin some signs pass, but no white space. Greek does not: the form of its sigma goes by what
 * stands beside it. Nor do halves of surrogate pairs, which the cut may have parted.
 */
function isLetter(code: number): boolean {
  return code >= 97 && code <= 122 || code >= 48 && code <= 57 ||
    code >= 0xc0 && code < 0x370 || code >= 0x400 && code < 0x1680 ||
    code > 0x3000 && code < 0xd800;
}
