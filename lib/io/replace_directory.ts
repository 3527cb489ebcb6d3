/** A folder that appears whole or not at all. */
import { basename, dirname, join, resolve } from "node:path";
import { InputError, messageOf, RunError } from "../core/errors.ts";

/**
 * Runs `build` on a new folder beside `out`, then renames it into place: whatever happens before
 * that, a crash included, `out` stays as it was. A folder that stands there already is removed
 * after the new one has its place. Leftovers of builders that were killed are removed first.
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
    Deno.mkdirSync(parent, { recursive: true });
    removeLeftovers(parent, name);
  } catch (error) {
    throw new InputError(`${out}: cannot make the folder: ${messageOf(error)}`);
  }
  const temporary = join(parent, `.${name}.partial-${Deno.pid}`);
  try {
    makeOwn(temporary, out);
    await build(temporary);
    moveIntoPlace(temporary, final);
  } catch (error) {
    throw isFileError(error) ? new RunError(`${out}: cannot write: ${messageOf(error)}`) : error;
  } finally {
    remove(temporary);
  }
}

function makeOwn(temporary: string, out: string): void {
  try {
    Deno.mkdirSync(temporary);
  } catch (error) {
    throw new InputError(`${out}: cannot make the folder: ${messageOf(error)}`);
  }
}

function moveIntoPlace(temporary: string, final: string): void {
  const aside = `${temporary}-old`;
  let moved = false;
  try {
    Deno.renameSync(final, aside);
    moved = true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    Deno.renameSync(temporary, final);
  } catch (error) {
    if (moved) Deno.renameSync(aside, final);
    throw error;
  }
  if (moved) remove(aside);
}

/** Removes partial folders whose process is gone. */
function removeLeftovers(parent: string, name: string): void {
  for (const entry of Deno.readDirSync(parent)) {
    if (!entry.name.startsWith(`.${name}.partial-`)) continue;
    const pid = Number(/^\d+/.exec(entry.name.slice(`.${name}.partial-`.length))?.[0]);
    if (pid !== Deno.pid && isAlive(pid)) continue;
    const aside = entry.name.endsWith("-old");
    const final = join(parent, name);
    if (aside && !exists(final)) Deno.renameSync(join(parent, entry.name), final);
    else remove(join(parent, entry.name));
  }
}

/** Whether a process lives, as far as /proc tells; where there is none, nobody is taken for dead. */
function isAlive(pid: number): boolean {
  return !exists("/proc/self") || exists(`/proc/${pid}`);
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
