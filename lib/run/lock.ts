/** One process a shard of an OUT: the second is refused. */
import { hostname } from "node:os";
import { InputError } from "../core/errors.ts";
import { placeError } from "./place_error.ts";

/** A held lock. */
export interface Lock {
  release(): void;
}

/**
 * Locks a file for this process, or throws `InputError` with the owner's host and pid. The lock is
 * the kernel's own (flock): that of a process which died, however it died, is free at once.
 */
export function lockFile(path: string, what: string): Lock {
  while (true) {
    const file = opened(path);
    if (!file.tryLockSync(true)) {
      file.close();
      const owner = Deno.readTextFileSync(path).trim() || "another process";
      throw new InputError(`${what} is in use by ${owner}: wait for it, or choose another --out`);
    }
    if (!isStillAt(file, path)) {
      file.close();
      continue;
    }
    const release = () => {
      remove(path);
      file.close();
    };
    try {
      file.truncateSync(0);
      file.writeSync(new TextEncoder().encode(`${hostname()}, pid ${Deno.pid}\n`));
    } catch (error) {
      release();
      throw placeError(path, error);
    }
    return { release };
  }
}

/** Removes the file; whoever removed the whole folder meanwhile has done so already. */
function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function opened(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true, write: true, create: true });
  } catch (error) {
    throw placeError(path, error);
  }
}

/** False where the last owner removed the file between our opening and our locking it. */
function isStillAt(file: Deno.FsFile, path: string): boolean {
  try {
    return file.statSync().ino === Deno.statSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
