/** A file of one text that appears whole or not at all. */
import { dirname } from "node:path";
import { writeAll } from "../../core/disk.ts";
import { InputError, messageOf } from "../../core/errors.ts";
import { replaceFile } from "../../core/replace_file.ts";

/**
 * Writes a text in one step, to last a power cut; the folder is made where there is none.
 *
 * @throws {InputError} where it cannot be written.
 */
export function writeWhole(out: string, text: string): void {
  try {
    Deno.mkdirSync(dirname(out), { recursive: true });
    replaceFile(out, (file) => writeAll(file, new TextEncoder().encode(text)));
  } catch (error) {
    throw new InputError(`${out}: cannot be written: ${messageOf(error)}`);
  }
}

/** Writes a value as JSON that people can read, as {@link writeWhole} writes a text. */
export function writeJson(out: string, value: unknown): void {
  writeWhole(out, JSON.stringify(value, null, 2) + "\n");
}
