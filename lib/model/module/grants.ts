/** What a user's file may do, as a worker's permissions. */
import { didYouMean } from "../../core/did_you_mean.ts";
import { InputError } from "../../core/errors.ts";

const KINDS = ["read", "write", "net", "env", "run", "ffi", "sys", "import"] as const;
type Kind = typeof KINDS[number];

/** Permissions of a worker: nothing, all, or what is listed. */
type Grants = Record<Kind, boolean | string[]>;

/**
 * The permissions of words like `net`, `read=/data`, or several with commas between, beside reading
 * `readable`. A worker never gets more than its process has.
 *
 * @throws {InputError} for a word that is no permission.
 */
export function grantsOf(words: readonly string[], readable: string[]): Grants {
  const grants = Object.fromEntries(KINDS.map((kind) => [kind, false])) as Grants;
  grants.read = [...readable];
  for (const word of words.flatMap((each) => each.split(","))) {
    const [name = "", ...rest] = word.trim().split("="), value = rest.join("=");
    const kind = KINDS.find((each) => each === name);
    if (kind === undefined) {
      throw new InputError(
        `--module-allow ${word}: one of ${KINDS.join(", ")}, also with =VALUE` +
          didYouMean(name, KINDS),
      );
    }
    const before = grants[kind];
    if (value === "") grants[kind] = true;
    else if (before !== true) grants[kind] = [...(before || []), value];
  }
  return grants;
}
