/** What a server said in words, out of whatever it sent. */

import { jsonValue } from "../../core/json_value.ts";

/** Longest that a server's words become. */
const MOST = 300;

/**
 * The message in a reply's body on one line, whichever of the usual places it stands in: OpenAI's
 * and Google's `error.message`, FastAPI's `detail`, an HTML page's title. What is none of these is
 * shown as it is, shortened.
 */
export function serverWords(body: string): string {
  const line = spoken(body).replace(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > MOST ? `${line.slice(0, MOST)}…` : line;
}

/** Bodies beyond this are not searched for words. */
const SEARCHED = 100_000;

function spoken(body: string): string {
  const text = body.slice(0, SEARCHED);
  if (/^\s*<(?:!doctype|html|head|body)/i.test(text)) {
    const title = /<(title|h1)\b[^>]{0,200}>([^<]{1,200})/i.exec(text)?.[2]?.trim();
    return title ? `a web page, "${title}"` : "a web page";
  }
  return wordsIn(jsonValue(text)) ?? text;
}

/** The first message in a JSON value; undefined where there is none in the usual places. */
function wordsIn(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    const each = value.map(wordsIn).filter((words) => words !== undefined);
    return each.length > 0 ? each.join("; ") : undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  for (const name of ["message", "error", "detail", "msg"]) {
    const words = wordsIn(fields[name]);
    if (words !== undefined) return words;
  }
  return undefined;
}
