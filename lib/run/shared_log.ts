/** A file of lines that several processes add to at once: a recording that all shards share. */
import { dirname } from "node:path";
import { writeAll } from "../core/disk.ts";
import { InputError, type RunError } from "../core/errors.ts";
import { makeFolder } from "../core/make_folder.ts";
import { placeError } from "../core/place_error.ts";
import { openOrMake } from "./lock.ts";
import { cannotKeep } from "./sync_group.ts";

const NEWLINE = 10;
const encoder = new TextEncoder();

/** An append-only file of lines, locked while a line is added. */
export class SharedLog {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #failure: RunError | undefined;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Opens a file whose first line is `first`, made with it where there is none. Throws `InputError`
   * with `otherwise` where it begins with anything else, as it may be somebody's data.
   */
  static async open(path: string, first: string, otherwise: string): Promise<SharedLog> {
    makeFolder(dirname(path));
    const log = new SharedLog(path, openOrMake(path));
    try {
      const heading = encoder.encode(first + "\n");
      await log.#locked(() => {
        const begins = log.#bytesAt(0, heading.length);
        if (!startsWith(heading, begins)) throw new InputError(`${path}: ${otherwise}`);
        // It is new, or whoever made it was killed while writing this.
        if (begins.length < heading.length) log.#write(heading, 0);
      });
      return log;
    } catch (error) {
      log.#file.close();
      throw error instanceof InputError ? error : placeError(path, error);
    }
  }

  /** Throws the `RunError` of a line that could not be added. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Adds a line. A failure is kept for `check`: what the line tells of has happened all the same. */
  async append(text: string): Promise<void> {
    try {
      await this.#locked(() => this.#write(encoder.encode(text + "\n"), this.#endOfLines()));
    } catch (error) {
      this.#failure ??= cannotKeep(this.path, error);
    }
  }

  close(): void {
    this.#file.close();
  }

  /** Nothing is awaited while the lock is held, so that one handle does for all of a process. */
  async #locked(act: () => void): Promise<void> {
    while (!this.#file.tryLockSync(true)) await new Promise((resolve) => setTimeout(resolve, 1));
    try {
      act();
    } finally {
      this.#file.unlockSync();
    }
  }

  /** Where the next line begins: what a killed process left of one is written over. */
  #endOfLines(): number {
    const { size } = this.#file.statSync();
    for (let end = size; end > 0;) {
      const from = Math.max(0, end - 65_536);
      const newline = this.#bytesAt(from, end - from).lastIndexOf(NEWLINE);
      if (newline >= 0) {
        if (from + newline + 1 < size) this.#file.truncateSync(from + newline + 1);
        return from + newline + 1;
      }
      end = from;
    }
    return 0;
  }

  #bytesAt(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    let filled = 0;
    while (filled < length) {
      const read = this.#file.readSync(bytes.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  }

  #write(bytes: Uint8Array, offset: number): void {
    this.#file.seekSync(offset, Deno.SeekMode.Start);
    writeAll(this.#file, bytes);
  }
}

function startsWith(bytes: Uint8Array, begin: Uint8Array): boolean {
  return begin.every((byte, at) => byte === bytes[at]);
}
