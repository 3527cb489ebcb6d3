/** What stands in a folder, with errors that a user can act on. */
import { fileError } from "./bytes.ts";

/** The names in a folder, in their order. Throws `InputError`. */
export async function namesIn(path: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const entry of Deno.readDir(path)) names.push(entry.name);
    return names.sort();
  } catch (error) {
    throw fileError(path, error);
  }
}

/** What a path is, or null where nothing is there. Throws `InputError`. */
export async function statOf(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw fileError(path, error);
  }
}
