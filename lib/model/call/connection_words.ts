/** What a connection that failed is said to have come to. */
import { messageOf } from "../../core/errors.ts";

/** The cause of a failed connection in a word or two: `connection refused`, `no such host`. */
export function connectionWords(error: unknown): string {
  const text = wholeMessage(error);
  if (/dns error/i.test(text)) return "no such host";
  const known = /connection refused|connection reset|connection closed|timed out/i.exec(text)?.[0];
  if (known) return known.toLowerCase();
  const broken = /before message completed|unexpected eof|incomplete|body/i.test(text);
  return broken ? "connection closed" : text;
}

/** The address that a failed `fetch` names, without its path; undefined where it names none. */
export function failedAddress(error: unknown): string | undefined {
  return /\bhttps?:\/\/[^\s/()]+/.exec(wholeMessage(error))?.[0];
}

/** The messages of an error and its causes: `fetch failed` alone says nothing. */
function wholeMessage(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)}: ${wholeMessage(cause)}`;
}
