/** A shard's place under OUT while a process works on it: locked, its files flushed and watched. */
import { join } from "node:path";
import { type Disk, type DiskFile, realDisk } from "../core/disk.ts";
import { LineLog } from "./line_log.ts";
import { lockFile } from "./lock.ts";
import { makeFolder } from "../core/make_folder.ts";
import { checkShardCount, type RunFiles, runFiles } from "./run_files.ts";
import { partName, type Shard } from "./shard.ts";
import { SyncGroup } from "./sync_group.ts";

/** What a process holds of an OUT. Nothing under OUT is written, or opened to be, without it. */
export interface RunFolder {
  readonly out: string;
  readonly shard: Shard;
  readonly files: RunFiles;
  readonly disk: Disk;
  /** The files that must be kept for the run to go on. */
  readonly group: SyncGroup;
  /** Opens the shard's file of lines in a folder of OUT's: `spend`, say. */
  openLog(folder: string): LineLog;
  /** Frees the files that are held for the run's end: connections may have taken all others. */
  freeSpareFiles(): void;
  close(): void;
}

/** Files held open for the run's end: what it opens at once, and the report after it. */
const SPARE_FILES = 12;

/** Makes and locks a shard's place. Throws `InputError` where it is another's or cannot be. */
export function openRunFolder(out: string, shard: Shard, disk: Disk = realDisk): RunFolder {
  const files = runFiles(out, shard);
  makeFolder(out, disk);
  const lock = lockFile(files.lock, `${out} (${partName(shard)})`);
  try {
    checkShardCount(out, shard);
  } catch (error) {
    lock.release();
    throw error;
  }
  const group = new SyncGroup();
  const spare = spareFiles(files.lock, disk);
  const freeSpareFiles = () => spare.splice(0).forEach((file) => file.close());
  return {
    out,
    shard,
    files,
    disk,
    group,
    openLog: (folder) =>
      LineLog.open(join(out, folder, `${partName(shard)}.jsonl`), { group, disk }),
    freeSpareFiles,
    close() {
      freeSpareFiles();
      group.close();
      lock.release();
    },
  };
}

/** As many as there are to be had. */
function spareFiles(path: string, disk: Disk): DiskFile[] {
  const spare: DiskFile[] = [];
  try {
    while (spare.length < SPARE_FILES) spare.push(disk.openSync(path, { read: true }));
  } catch { /* then the end has to do with fewer */ }
  return spare;
}
