/** One process a shard of an OUT: the second is refused. */
import { hostname } from "node:os";
import { InputError } from "../core/errors.ts";
import { placeError } from "../core/place_error.ts";

/** A held lock. */
export interface Lock {
  /** Lets it go. Throws nothing: what went wrong before is what is to be told. */
  release(): void;
}

/** Thrown where another process holds a lock. */
export class LockHeld extends InputError {}

/**
 * Locks a file for this process, or throws `LockHeld` with the owner's host and pid. The lock is
 * the kernel's own (flock): that of a process which died, however it died, is free at once.
 */
export function lockFile(path: string, what: string): Lock {
  while (true) {
    const file = openOrMake(path);
    const locked = file.tryLockSync(true);
    // The last owner removes the file: then what we opened is nobody's, and we look again.
    if (!isStillAt(file, path)) {
      file.close();
      continue;
    }
    if (!locked) {
      const owner = ownerIn(file);
      file.close();
      throw new LockHeld(`${what} is in use by ${owner}: wait for it, or choose another --out`);
    }
    try {
      file.truncateSync(0);
      file.writeSync(new TextEncoder().encode(`${hostname()}, pid ${Deno.pid}\n`));
    } catch (error) {
      release(file, path);
      throw placeError(path, error);
    }
    return { release: () => release(file, path) };
  }
}

/** Waits, for as long as `patienceMs`, until a lock is free. Throws `LockHeld` after that. */
export async function waitForLock(path: string, patienceMs = 30_000): Promise<Lock> {
  const began = performance.now();
  while (true) {
    try {
      return lockFile(path, path);
    } catch (error) {
      if (!(error instanceof LockHeld) || performance.now() - began > patienceMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 10));
    }
  }
}

/** Removed while it is locked, so that nobody's else is. */
function release(file: Deno.FsFile, path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    /* removed with its folder, or the disk takes nothing: closing frees it all the same */
  }
  file.close();
}

/** Read from the open file: at its path may stand another by now. */
function ownerIn(file: Deno.FsFile): string {
  const bytes = new Uint8Array(300);
  const read = file.readSync(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, read)).trim() || "another process";
}

/** The file, made where there is none. Throws as {@link placeError} says. */
export function openOrMake(path: string): Deno.FsFile {
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
