/** What stands in a folder, with errors that a user can act on. */
import { InputError } from "../core/errors.ts";
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

/** A file's JSON. Throws `InputError`. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`${path}: not JSON`);
    throw fileError(path, error);
  }
}
