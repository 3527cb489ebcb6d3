/** A shard's place under OUT while a process works on it: locked, its files flushed and watched. */
import { join } from "node:path";
import { type Disk, realDisk } from "../core/disk.ts";
import { LineLog } from "./line_log.ts";
import { lockFile } from "./lock.ts";
import { makeFolder } from "./make_folder.ts";
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
  close(): void;
}

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
  return {
    out,
    shard,
    files,
    disk,
    group,
    openLog: (folder) =>
      LineLog.open(join(out, folder, `${partName(shard)}.jsonl`), { group, disk }),
    close() {
      group.close();
      lock.release();
    },
  };
}
