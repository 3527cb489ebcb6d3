/** A disk whose power may be cut: of what was not flushed, anything may be lost. */
import { dirname } from "node:path";
import { type Disk, type DiskFile, realDisk } from "../../lib/core/disk.ts";

/** A file, by whatever names: its bytes as of the last flush. */
interface Inode {
  flushed: Uint8Array;
}

/** What survives of each thing that was not flushed; drawn anew for each. */
export interface Luck {
  (choices: number): number;
}

/**
 * The machine's disk, watched. Files are written to it as they come, so that everybody can read
 * them; `cut` then undoes what a power cut may have lost: names and bytes that were not flushed.
 */
export class FragileDisk implements Disk {
  readonly #inodes = new Map<string, Inode>();
  /** Names whose folder was flushed since they came to stand for that inode. */
  readonly #named = new Map<string, Inode>();
  #left: number;
  /** Operations on the disk so far, those that failed not counted. */
  operations = 0;

  /** Every operation after the first `left` fails, as on a disk without power. */
  constructor(left = Infinity) {
    this.#left = left;
  }

  /** Whether anything was tried without power. */
  isOff = false;

  mkdirSync(path: string, options?: Deno.MkdirOptions): void {
    this.#operate();
    realDisk.mkdirSync(path, options);
  }

  openSync(path: string, options: Deno.OpenOptions): DiskFile {
    this.#operate();
    const isNew = options.create && !exists(path);
    const file = realDisk.openSync(path, options);
    if (file.statSync().isDirectory) return this.#folder(path, file);
    let inode = this.#inodes.get(path);
    if (inode === undefined) {
      inode = { flushed: isNew ? new Uint8Array() : Deno.readFileSync(path) };
      this.#inodes.set(path, inode);
      if (!isNew) this.#named.set(path, inode);
    }
    return this.#file(file, inode);
  }

  readTextFileSync(path: string): string {
    return realDisk.readTextFileSync(path);
  }

  removeSync(path: string): void {
    this.#operate();
    realDisk.removeSync(path);
    this.#inodes.delete(path);
  }

  renameSync(from: string, to: string): void {
    this.#operate();
    realDisk.renameSync(from, to);
    this.#inodes.set(to, this.#inodes.get(from)!);
    this.#inodes.delete(from);
  }

  statSync(path: string): Deno.FileInfo {
    this.#operate();
    return realDisk.statSync(path);
  }

  /** Leaves on the machine's disk what a power cut may leave. */
  cut(luck: Luck): void {
    // Locks are removed beside this disk: nothing of them is left to lose.
    for (const path of this.#inodes.keys()) {
      if (exists(path)) continue;
      this.#inodes.delete(path);
      this.#named.delete(path);
    }
    const bytes = new Map<string, Uint8Array>();
    for (const path of new Set([...this.#inodes.keys(), ...this.#named.keys()])) {
      const now = this.#inodes.get(path), before = this.#named.get(path);
      const inode = luck(2) === 0 ? now ?? before : before;
      if (inode) bytes.set(path, this.#survivorOf(inode, now === inode ? path : undefined, luck));
    }
    for (const path of this.#inodes.keys()) if (exists(path)) Deno.removeSync(path);
    for (const [path, left] of bytes) {
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.writeFileSync(path, left);
    }
    this.#inodes.clear();
    this.#named.clear();
  }

  /** The flushed bytes, and of those that were added since any number, or zeros in their place. */
  #survivorOf(inode: Inode, path: string | undefined, luck: Luck): Uint8Array {
    const { flushed } = inode;
    const now = path === undefined ? this.#bytesOf(inode) : Deno.readFileSync(path);
    if (!now || now.length <= flushed.length || !flushed.every((byte, at) => byte === now[at])) {
      return flushed;
    }
    const left = now.slice(0, flushed.length + luck(now.length - flushed.length + 1));
    if (luck(4) === 0) left.fill(0, flushed.length + luck(left.length - flushed.length + 1));
    return left;
  }

  #bytesOf(inode: Inode): Uint8Array | undefined {
    for (const [path, each] of this.#inodes) if (each === inode) return Deno.readFileSync(path);
    return undefined;
  }

  #operate(): void {
    if (this.#left <= 0) {
      this.isOff = true;
      throw new Error("Input/output error (os error 5)");
    }
    this.#left--;
    this.operations++;
  }

  #file(file: DiskFile, inode: Inode): DiskFile {
    const flush = () => {
      this.#operate();
      const now = this.#bytesOf(inode);
      if (now) inode.flushed = now;
    };
    return {
      close: () => file.close(),
      readSync: (into) => file.readSync(into),
      seekSync: (offset, whence) => file.seekSync(offset, whence),
      statSync: () => file.statSync(),
      syncData: () => Promise.resolve().then(flush),
      syncDataSync: flush,
      syncSync: flush,
      truncateSync: (length) => {
        this.#operate();
        file.truncateSync(length);
      },
      tryLockSync: (exclusive) => file.tryLockSync(exclusive),
      writeSync: (bytes) => {
        this.#operate();
        return file.writeSync(bytes);
      },
    };
  }

  /** Flushing a folder makes its names last. */
  #folder(path: string, file: DiskFile): DiskFile {
    const flush = () => {
      this.#operate();
      for (const name of new Set([...this.#inodes.keys(), ...this.#named.keys()])) {
        if (dirname(name) !== path) continue;
        const inode = this.#inodes.get(name);
        if (inode) this.#named.set(name, inode);
        else this.#named.delete(name);
      }
    };
    return {
      ...this.#file(file, { flushed: new Uint8Array() }),
      syncSync: flush,
      syncDataSync: flush,
    };
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
