/** A file of one text that appears whole or not at all. */
import { basename, dirname, join } from "node:path";
import { realDisk, syncFolder } from "../core/disk.ts";
import { InputError, messageOf } from "../core/errors.ts";
import { stemBeside } from "../core/name_beside.ts";

/**
 * Writes a text in one step, to last a power cut; the folder is made where there is none.
 *
 * @throws {InputError} where it cannot be written.
 */
export async function writeWhole(out: string, text: string): Promise<void> {
  // One name, so that what a killed process left is written over.
  const temporary = join(dirname(out), `${stemBeside(basename(out))}.tmp`);
  try {
    await Deno.mkdir(dirname(out), { recursive: true });
    await writeFlushed(temporary, new TextEncoder().encode(text));
    await Deno.rename(temporary, out);
    syncFolder(dirname(out), realDisk);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new InputError(`${out}: cannot be written: ${messageOf(error)}`);
  }
}

/** Writes a value as JSON that people can read, as {@link writeWhole} writes a text. */
export async function writeJson(out: string, value: unknown): Promise<void> {
  await writeWhole(out, JSON.stringify(value, null, 2) + "\n");
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.syncData();
}
