/** Flushes a new folder to the disk before it gets its name. */
import { join } from "node:path";
import { realDisk, syncFolder } from "../../core/disk.ts";

/**
 * Flushes every file and folder below `path`, and `path` itself: a name given after that stands for
 * all of it, also after a power cut. Links are not followed: what they lead to is not of this folder.
 */
export async function syncTree(path: string): Promise<void> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(path)) {
    const within = join(path, name);
    if (isDirectory) await syncTree(within);
    else if (isFile) await syncFile(within);
  }
  syncFolder(path, realDisk);
}

/** Gigabytes of copied weights take their time: signals and timers go on meanwhile. */
async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true });
  await file.syncData();
}
