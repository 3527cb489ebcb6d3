/** A file that is put in another's place in one step, to last a power cut. */
import { basename, dirname, join } from "node:path";
import { type Disk, type DiskFile, realDisk, syncFolder } from "./disk.ts";
import { stemBeside } from "./name_beside.ts";

/** Writes a file beside its place, flushes it, and renames it. Throws as the disk does. */
export function replaceFile(
  path: string,
  write: (file: DiskFile) => void,
  disk: Disk = realDisk,
): void {
  // One name, so that what a killed process left is written over.
  const temporary = join(dirname(path), `${stemBeside(basename(path))}.tmp`);
  try {
    const file = disk.openSync(temporary, { write: true, create: true, truncate: true });
    try {
      write(file);
      file.syncDataSync();
    } finally {
      file.close();
    }
    disk.renameSync(temporary, path);
    syncFolder(dirname(path), disk);
  } catch (error) {
    try {
      disk.removeSync(temporary);
    } catch { /* it was never made, or is in its place already */ }
    throw error;
  }
}
