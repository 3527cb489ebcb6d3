/** Files of a run that cannot be opened: the user's place is no good, or the disk is full. */
import { InputError, messageOf, RunError } from "./errors.ts";

/** The error for a path that could not be made or opened: `InputError`, on a full disk `RunError`. */
export function placeError(path: string, error: unknown): Error {
  const message = `${path}: cannot write here: ${messageOf(error)}`;
  const full = /\(os error (28|122)\)/.test(message); // ENOSPC, EDQUOT
  return full ? new RunError(message, { cause: error }) : new InputError(message, { cause: error });
}
