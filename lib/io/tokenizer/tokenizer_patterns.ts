/** Patterns in tokenizer.json that could run for ever, told before the tokenizer is used. */
import { InputError, messageOf } from "../../core/errors.ts";

/**
 * Reads a `tokenizer.json` and looks through the patterns of its normalizer, pre-tokenizer and
 * decoder. Throws `InputError` for one that repeats a group in which something is repeated already
 * or there are alternatives, as `(a+)+` or `(a|a)*`: on some text it takes time without end, or ends
 * the process, and neither SIGTERM nor a time limit reaches into a pattern.
 */
export async function checkTokenizerPatterns(path: string): Promise<void> {
  try {
    const text = await Deno.readTextFile(path);
    // Parsing all of a vocabulary takes four times as long; only escaped letters can hide a name.
    const hidden = /\\u00[4-7]/.test(text);
    check(path, hidden ? patternsIn(stepsOf(JSON.parse(text))) : patternsOf(text));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: cannot be read: ${messageOf(error)}`);
  }
}

/** The same for settings that were read from `path`. */
export function checkPatterns(path: string, settings: object): void {
  check(path, patternsIn(stepsOf(settings)));
}

function check(path: string, patterns: readonly string[]): void {
  const pattern = patterns.find(repeatsRepetition);
  if (pattern === undefined) return;
  const shown = JSON.stringify(pattern.length > 80 ? `${pattern.slice(0, 80)}…` : pattern);
  throw new InputError(
    `${path}: the pattern ${shown} repeats a group that holds a repetition or alternatives, or has ` +
      `more than ${MOST_LONG} long repetitions in a row, which can take time without end: write ` +
      `it without, or use another tokenizer`,
  );
}

/** The settings without the vocabulary. */
function stepsOf(settings: object): object {
  const { model: _, added_tokens: __, ...steps } = settings as Record<string, unknown>;
  return steps;
}

/** The patterns in JSON as it is written: quotes within a string are escaped there. */
function patternsOf(json: string): string[] {
  const found = json.matchAll(/"Regex"\s*:\s*("(?:[^"\\]|\\.)*")/g);
  return [...found].map(([, text]) => JSON.parse(text!));
}

/** The texts of all patterns: `{"Regex": "…"}` wherever it stands. */
function patternsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "Regex" && typeof inner === "string" ? [inner] : patternsIn(inner)
  );
}

/** Escaped letters, the parts of a group, sets of letters (they may nest), repetitions. */
const PARTS = /\\.|\(\?|[[\]()|]|[*+?]|\{\d*,?\d*\}/gsu;

/** Most choices of a length in one alternative of a pattern: known tokenizers have four or five. */
const MOST_CHOICES = 12;

/**
 * Most long repetitions in one alternative: known tokenizers have two. Each can multiply the time
 * by the length of the text: `\s*\s*\s*\s*!` takes hours for a page of spaces.
 */
const MOST_LONG = 2;
/** A repetition that may go on for more than this is a long one. */
const LONG = 16;

/**
 * Whether a pattern repeats a group that holds a repetition or alternatives, or leaves so many
 * lengths open one after the other that it comes to the same (`a?a?a?…`, `a*a*a*`).
 */
export function repeatsRepetition(pattern: string): boolean {
  /** By open group, whether it holds one; the pattern itself is the first. */
  const groups = [false];
  /** Whether the group that has just ended holds one. */
  let ended = false, endedAt = -1, sets = 0, choices = 0, long = 0, repeatedAt = -1;
  for (const { 0: part, index } of pattern.matchAll(PARTS)) {
    if (part[0] === "\\") continue;
    if (part === "[") sets++;
    else if (part === "]") sets = Math.max(0, sets - 1);
    if (sets > 0 || part === "[" || part === "]") continue;
    if (part[0] === "(") groups.push(false);
    else if (part === ")") {
      ended = groups.pop() ?? false;
      endedAt = index;
      if (groups.length === 0) groups.push(false);
      if (ended) groups[groups.length - 1] = true;
    } else if (part === "|") {
      groups[groups.length - 1] = true;
      if (groups.length === 1) choices = long = 0;
    } else {
      const before = repeatedAt === index ? pattern[index - 1] : undefined;
      repeatedAt = index + part.length;
      // `a+?` and `a++` repeat nothing once more; `a{1,9}+` and `a+*` do, in Oniguruma.
      if (before !== undefined) {
        if (part === "?" || (part === "+" && before !== "}")) continue;
        return true;
      }
      const { least, most } = boundsOf(part);
      if (most > 1 && ended && endedAt === index - 1) return true;
      if (least === most) continue;
      groups[groups.length - 1] = true;
      if (++choices > MOST_CHOICES) return true;
      if (most > LONG && ++long > MOST_LONG) return true;
    }
  }
  return false;
}

function boundsOf(repetition: string): { least: number; most: number } {
  if (repetition === "?") return { least: 0, most: 1 };
  if (repetition.length === 1) return { least: 0, most: Infinity };
  const [least, most] = repetition.slice(1, -1).split(",");
  return {
    least: Number(least),
    most: most === undefined ? Number(least) : Number(most || Infinity),
  };
}
