/** Folders that a run needs. */
import { placeError } from "./place_error.ts";

/** Makes a folder and those above it. Throws `InputError` where it cannot be. */
export function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw placeError(path, error);
  }
}
