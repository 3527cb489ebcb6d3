/** The part of a file system that runs write through, so that tests can put in one that fails. */

/** An open file. */
export type DiskFile = Pick<
  Deno.FsFile,
  | "close"
  | "readSync"
  | "seekSync"
  | "statSync"
  | "syncData"
  | "syncDataSync"
  | "syncSync"
  | "truncateSync"
  | "tryLockSync"
  | "writeSync"
>;

/**
 * What a run asks of a file system; Deno itself is one.
 *
 * @internal
 */
export interface Disk {
  mkdirSync(path: string, options?: Deno.MkdirOptions): void;
  openSync(path: string, options: Deno.OpenOptions): DiskFile;
  readTextFileSync(path: string): string;
  removeSync(path: string): void;
  renameSync(from: string, to: string): void;
  statSync(path: string): Deno.FileInfo;
}

/** The machine's own. */
export const realDisk: Disk = Deno;

/** Writes all of the bytes where the file stands: a call of its own may take a part of them. */
export function writeAll(file: Pick<DiskFile, "writeSync">, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Makes sure that a folder's names survive a power cut. File systems that cannot say so are let be. */
export function syncFolder(path: string, disk: Disk): void {
  let folder: DiskFile;
  try {
    folder = disk.openSync(path, { read: true });
  } catch (error) {
    // A folder may be for writing alone, and Windows opens none.
    const { PermissionDenied, NotCapable } = Deno.errors;
    if (error instanceof PermissionDenied || error instanceof NotCapable) return;
    throw error;
  }
  try {
    folder.syncSync();
  } catch (error) {
    // EINVAL: network and FUSE file systems that have no such thing.
    if (!/\(os error 22\)/.test(String(error))) throw error;
  } finally {
    folder.close();
  }
}
