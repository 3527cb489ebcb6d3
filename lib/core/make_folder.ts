/** Folders that last a power cut. */
import { dirname } from "node:path";
import { type Disk, realDisk, syncFolder } from "./disk.ts";
import { InputError, RunError } from "./errors.ts";
import { placeError } from "./place_error.ts";

/** Makes a folder and those above it, to last a power cut. Throws `InputError` where it cannot be. */
export function makeFolder(path: string, disk: Disk = realDisk): void {
  try {
    if (isThere(path, disk)) return;
    if (dirname(path) !== path) makeFolder(dirname(path), disk);
    // Another shard may make it at the same moment.
    disk.mkdirSync(path, { recursive: true });
    syncFolder(dirname(path), disk);
  } catch (error) {
    throw isOurs(error) ? error : placeError(path, error);
  }
}

function isThere(path: string, disk: Disk): boolean {
  try {
    return disk.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function isOurs(error: unknown): boolean {
  return error instanceof InputError || error instanceof RunError;
}
