/** Which language a text is in, as far as it can be told. */
import { eld } from "eld/extrasmall";
import type { Message } from "../core/records.ts";

/** Characters looked at: more changes no answer. */
const ENOUGH = 4_000;
/** Letters from which a text in an alphabet that many languages share can be judged. */
const SHORTEST = 12;
/** How far another language must be ahead of the wanted one. */
const AHEAD = 0.15;

/**
 * The language of a text as an ISO 639-1 code, or null where it cannot be told: too short, or
 * mostly code, numbers and names. Code blocks and addresses are not looked at.
 *
 * Detector: eld (Nito-ELD) 2.1, 60 languages; loaded once, with this module. Of 41 short prompts in
 * 25 languages its smallest dictionary named 34 rightly (its larger ones 31, tinyld 29, franc 15), and
 * it knows when it does not know.
 *
 * @example
 * ```ts
 * import { languageOf } from "thinkset/reply";
 * import assert from "node:assert/strict";
 *
 * assert.equal(languageOf("Wie backe ich einen Kuchen?"), "de");
 * assert.equal(languageOf("2+2"), null);
 * ```
 */
export function languageOf(text: string): string | null {
  return detect(text)?.language ?? null;
}

/**
 * The language that a text is in instead of the wanted one, or null where it is in that language
 * or it cannot be told. In doubt a text counts as being in the wanted language.
 */
export function otherLanguage(text: string, wanted: string): string | null {
  return isOther(detect(text), wanted);
}

/** As `otherLanguage`, where the text is in none of several languages. */
export function otherThanAll(text: string, wanted: readonly string[]): string | null {
  const found = detect(text);
  const others = wanted.map((language) => isOther(found, language));
  return others.includes(null) ? null : others[0] ?? null;
}

function isOther(found: Detected | null, wanted: string): string | null {
  if (!found || found.language === wanted) return null;
  const { language, scores } = found;
  return (scores[language] ?? 0) - (scores[wanted] ?? 0) >= AHEAD ? language : null;
}

/** What of a prompt tells its language: what the user wrote. */
export function userText(messages: readonly Message[]): string {
  const own = messages.filter(({ role }) => role === "user");
  return (own.length > 0 ? own : messages).map(({ content }) => content).join("\n\n");
}

interface Detected {
  language: string;
  scores: Record<string, number>;
}

function detect(text: string): Detected | null {
  const prose = text.slice(0, 4 * ENOUGH).replace(/```[\s\S]*?(?:```|$)/g, " ")
    .replace(/https?:\/\/\S+/g, " ").slice(0, ENOUGH);
  const letters = prose.match(/\p{L}/gu)?.length ?? 0;
  const latin = prose.match(/\p{Script=Latin}/gu)?.length ?? 0;
  // Most other scripts tell the language by themselves.
  if (letters === 0 || (latin > letters / 2 && letters < SHORTEST)) return null;
  const found = eld.detect(prose);
  if (!found.language || !found.isReliable()) return null;
  return { language: found.language, scores: found.getScores() };
}
