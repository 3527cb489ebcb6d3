/** The name that somebody may have meant. */
import { closest, distance } from "fastest-levenshtein";

/**
 * ` (did you mean NAME?)` with the known name that is nearest to `given`, or nothing where none is
 * near. Case, dashes and underscores don't count, so `max_tokens` is `maxTokens`.
 */
export function didYouMean(given: string, known: readonly string[]): string {
  const name = plain(given);
  if (known.length === 0 || name.length > 100) return "";
  const nearest = closest(name, known.map(plain));
  const isNear = distance(name, nearest) <= Math.floor(nearest.length / 3) ||
    lettersOf(name) === lettersOf(nearest);
  if (!isNear) return "";
  return ` (did you mean ${known.find((each) => plain(each) === nearest)}?)`;
}

/** In order: equal for names whose letters changed places, such as `modle`. */
function lettersOf(name: string): string {
  return [...name].sort().join("");
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
