/** A folder that appears whole or not at all. */
import { basename, dirname, join, resolve } from "node:path";
import { InputError, messageOf, RunError } from "../../core/errors.ts";
import { realDisk, syncFolder } from "../../core/disk.ts";
import { makeFolder } from "../../core/make_folder.ts";
import { stemBeside } from "../../core/name_beside.ts";
import { syncTree } from "./sync_tree.ts";

/**
 * Runs `build` on a new folder beside `out`, flushes it to the disk, then renames it into place:
 * whatever happens before that, a power cut included, `out` stays as it was. A folder that stands
 * there already is removed after the new one has its place for good. Leftovers of builders that were
 * killed are removed first.
 *
 * @throws {InputError} where the folder cannot be made; `RunError` where writing fails (a full
 * disk); what `build` throws otherwise.
 */
export async function replaceDirectory(
  out: string,
  build: (temporary: string) => Promise<void>,
): Promise<void> {
  const final = resolve(out);
  const parent = dirname(final), name = basename(final);
  try {
    makeFolder(parent);
    removeLeftovers(parent, name);
  } catch (error) {
    if (error instanceof InputError || error instanceof RunError) throw error;
    throw new InputError(`${out}: cannot make the folder: ${messageOf(error)}`);
  }
  const own = makeOwn(parent, name, out);
  try {
    await build(own.path);
    await syncTree(own.path);
    moveIntoPlace(own.path, final);
  } catch (error) {
    throw isFileError(error) ? new RunError(`${out}: cannot write: ${messageOf(error)}`) : error;
  } finally {
    remove(own.path);
    own.lock.close();
  }
}

/**
 * A folder of this process: it is locked by the kernel (flock), so that others can tell a living
 * builder's from what a killed one left. Process numbers would not do: under Deno's permissions
 * nobody may look for a process.
 */
function makeOwn(parent: string, name: string, out: string): { path: string; lock: Deno.FsFile } {
  while (true) {
    const path = join(parent, `${leftoverOf(name)}${crypto.randomUUID().slice(0, 8)}`);
    try {
      Deno.mkdirSync(path);
      const lock = lockFolder(path);
      // Null where another builder took it for a leftover before it was locked.
      if (lock !== null) return { path, lock };
    } catch (error) {
      throw new InputError(`${out}: cannot make the folder: ${messageOf(error)}`);
    }
  }
}

/** How the names of the folders begin that builders of `name` work in. */
function leftoverOf(name: string): string {
  return `.${stemBeside(name)}.partial-`;
}

/** The lock of a folder until it is closed; null where another holds it or the folder is gone. */
function lockFolder(path: string): Deno.FsFile | null {
  let folder: Deno.FsFile;
  try {
    folder = Deno.openSync(path, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  if (folder.tryLockSync(true) && exists(path)) return folder;
  folder.close();
  return null;
}

function moveIntoPlace(temporary: string, final: string): void {
  const aside = `${temporary}-old`;
  const old = lockFolder(final);
  try {
    if (exists(final)) Deno.renameSync(final, aside);
    try {
      Deno.renameSync(temporary, final);
    } catch (error) {
      if (exists(aside)) Deno.renameSync(aside, final);
      throw error;
    }
    syncFolder(dirname(final), realDisk);
    remove(aside);
  } finally {
    old?.close();
  }
}

/** Removes what killed builders left; the folder that one had put aside is put back first. */
function removeLeftovers(parent: string, name: string): void {
  for (const entry of Deno.readDirSync(parent)) {
    if (!entry.name.startsWith(leftoverOf(name))) continue;
    const path = join(parent, entry.name), final = join(parent, name);
    const lock = lockFolder(path);
    if (lock === null) continue;
    if (entry.name.endsWith("-old") && !exists(final)) Deno.renameSync(path, final);
    else remove(path);
    lock.close();
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error &&
    (/\(os error \d+\)$/.test(error.message) || error instanceof Deno.errors.PermissionDenied);
}
