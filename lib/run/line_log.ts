/** A JSON Lines file that grows as work is done and survives a crash at any byte. */
import { dirname } from "node:path";
import { type Disk, type DiskFile, realDisk, syncFolder, writeAll } from "../core/disk.ts";
import { InputError, type RunError } from "../core/errors.ts";
import { makeFolder } from "../core/make_folder.ts";
import { placeError } from "../core/place_error.ts";
import { replaceFile } from "../core/replace_file.ts";
import { LineWindow } from "./line_window.ts";
import { type LinePlace, scanLines } from "./scan_lines.ts";
import { cannotKeep, type GroupFile, type SyncGroup } from "./sync_group.ts";
import { writeLines } from "./write_lines.ts";

export type { LinePlace } from "./scan_lines.ts";

const encoder = new TextEncoder();

/** How a file of lines is opened. */
export interface LineLogOptions {
  /** Flushes it with a run's other files. Without, `syncNow` is the caller's to call. */
  group?: SyncGroup;
  disk?: Disk;
  /** For a file that no run's lock guards: refused with this text where another process has it. */
  inUse?: string;
}

/** An append-only file of lines. One process writes it: the runner holds the shard's lock. */
export class LineLog implements GroupFile {
  readonly path: string;
  readonly #disk: Disk;
  readonly #group: SyncGroup | undefined;
  #file: DiskFile;
  /** The same file once more: it can be flushed while lines are added to the other. */
  #flushed: DiskFile;
  #isDirty = false;
  /** Whether the file stands where the next line goes. */
  #isAtEnd = false;
  #failure: RunError | undefined;
  #end = 0;
  #window = new LineWindow();

  private constructor(path: string, { group, disk = realDisk, inUse }: LineLogOptions) {
    this.path = path;
    this.#disk = disk;
    this.#group = group;
    this.#file = disk.openSync(path, { read: true, write: true, create: true });
    try {
      if (inUse !== undefined && !this.#file.tryLockSync(true)) {
        throw new InputError(`${path}: ${inUse}`);
      }
      this.#flushed = disk.openSync(path, { read: true });
    } catch (error) {
      this.#file.close();
      throw error;
    }
    this.#end = this.#file.statSync().size;
    // What a killed process left is counted as finished, though it may not be flushed.
    this.#isDirty = this.#end > 0;
    group?.add(this);
  }

  /** Opens the file, made empty where there is none. Throws `InputError` where it cannot. */
  static open(path: string, options: LineLogOptions = {}): LineLog {
    const { disk = realDisk } = options;
    makeFolder(dirname(path), disk);
    try {
      const log = new LineLog(path, options);
      if (log.size === 0) syncFolder(dirname(path), disk);
      return log;
    } catch (error) {
      throw error instanceof InputError ? error : placeError(path, error);
    }
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#end;
  }

  /**
   * Visits every whole line, then cuts off what a crash left of a last one. `visit` returns false
   * for a line that it cannot use; `onChunk` is shown the file's bytes. Returns the number of bad
   * lines and the bytes cut off.
   */
  load(
    visit: (text: string, place: LinePlace) => boolean,
    onChunk?: (bytes: Uint8Array) => void,
  ): { bad: number; torn: number } {
    this.#isAtEnd = false;
    const { bad, whole, torn } = scanLines(this.#file, visit, onChunk);
    if (torn > 0) this.#cut(whole);
    return { bad, torn };
  }

  /**
   * Adds a line. Throws a `RunError` on a failure (a full disk), and from then on: a file that
   * failed once takes no more.
   */
  append(text: string): LinePlace {
    this.#group?.failed.throwIfAborted();
    if (this.#failure) throw this.#failure;
    const bytes = encoder.encode(text + "\n");
    const offset = this.#end;
    try {
      if (!this.#isAtEnd) this.#file.seekSync(offset, Deno.SeekMode.Start);
      this.#isAtEnd = true;
      writeAll(this.#file, bytes);
    } catch (error) {
      throw this.#failed(error, offset);
    }
    this.#isDirty = true;
    this.#end += bytes.length;
    return { offset, length: bytes.length - 1 };
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** Flushes what has been added so far; lines may be added meanwhile. */
  async sync(): Promise<void> {
    this.#isDirty = false;
    await this.#flushed.syncData();
  }

  /** Flushes what has been added so far, before anything else is done. Throws a `RunError`. */
  syncNow(): void {
    this.#isDirty = false;
    try {
      this.#file.syncDataSync();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  isInPlace(): boolean {
    try {
      const here = this.#file.statSync(), there = this.#disk.statSync(this.path);
      return here.ino === there.ino && here.dev === there.dev;
    } catch (error) {
      return !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory);
    }
  }

  /** The line at a place, with its newline; quick where places are asked for nearly in order. */
  read(place: LinePlace): Uint8Array {
    this.#isAtEnd = false;
    return this.#window.read(this.#file, place, this.#end);
  }

  /** Puts lines, each with its newline, in place of the file, in one step. */
  rewrite(lines: Iterable<Uint8Array>): void {
    try {
      replaceFile(this.path, (file) => writeLines(file, lines), this.#disk);
      this.#reopen();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  close(): void {
    this.#group?.delete(this);
    this.#file.close();
    this.#flushed.close();
  }

  #reopen(): void {
    const file = this.#disk.openSync(this.path, { read: true, write: true });
    const flushed = this.#disk.openSync(this.path, { read: true });
    this.#file.close();
    this.#flushed.close();
    this.#file = file;
    this.#flushed = flushed;
    this.#isDirty = false;
    this.#isAtEnd = false;
    this.#end = file.statSync().size;
    this.#window = new LineWindow();
  }

  /** What to throw; half a line is cut off where the disk still lets it, else the next load does. */
  #failed(error: unknown, cutTo?: number): RunError {
    try {
      if (cutTo !== undefined) this.#cut(cutTo);
    } catch { /* the first failure is the one to tell of */ }
    const failure = cannotKeep(this.path, error);
    this.#failure = this.#group?.fail(failure) ?? failure;
    return this.#failure;
  }

  #cut(offset: number): void {
    this.#isAtEnd = false;
    this.#file.truncateSync(offset);
    this.#end = offset;
    this.#isDirty = true;
  }
}
