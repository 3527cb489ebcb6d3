/** Text of models and files for eyes: what would act on a page or a terminal is shown instead. */

/** Control characters but tab and line ends, and the marks that override a text's direction. */
// deno-lint-ignore no-control-regex
const HIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** The text with characters that have no look of their own shown by their code points: `[U+001B]`. */
export function showHidden(text: string): string {
  return text.replace(HIDDEN, codePoint);
}

/**
 * The text for a terminal: no escape sequence of a model or of an id can move its cursor, set its
 * title, or write over what was said before.
 */
export function forTerminal(text: string): string {
  return showHidden(text).replace(/\r(?!\n)/g, codePoint);
}

function codePoint(character: string): string {
  return `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
}
