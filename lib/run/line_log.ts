/** A JSON Lines file that grows as work is done and survives a crash at any byte. */
import { dirname } from "node:path";
import { RunError } from "../core/errors.ts";
import { placeError } from "./place_error.ts";

const NEWLINE = 10;
const WINDOW = 1 << 20;
const none = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A line's place in its file; the newline is not counted. */
export interface LinePlace {
  offset: number;
  length: number;
}

/** An append-only file of lines. One process writes it: the runner holds the shard's lock. */
export class LineLog {
  readonly path: string;
  #file: Deno.FsFile;
  #end = 0;
  #window = new Uint8Array(0);
  #windowAt = 0;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
    this.#end = file.statSync().size;
  }

  /** Opens the file, made empty where there is none. Throws `InputError` where it cannot. */
  static open(path: string): LineLog {
    try {
      Deno.mkdirSync(dirname(path), { recursive: true });
      return new LineLog(path, Deno.openSync(path, { read: true, write: true, create: true }));
    } catch (error) {
      throw placeError(path, error);
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
    let bad = 0, offset = 0, carry: Uint8Array = none;
    const chunk = new Uint8Array(WINDOW);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    for (let read; (read = this.#file.readSync(chunk)) !== null;) {
      let start = 0;
      const filled = chunk.subarray(0, read);
      onChunk?.(filled);
      for (let at; (at = filled.indexOf(NEWLINE, start)) >= 0; start = at + 1) {
        const rest = chunk.subarray(start, at);
        const line = carry.length === 0 ? rest : joined(carry, rest);
        if (line.length > 0 && !visit(decoder.decode(line), { offset, length: line.length })) bad++;
        offset += line.length + 1;
        carry = none;
      }
      carry = joined(carry, chunk.subarray(start, read));
    }
    if (carry.length > 0) this.#cut(offset);
    return { bad, torn: carry.length };
  }

  /** Adds a line. On a failure (a full disk) the file is as before and a `RunError` is thrown. */
  append(text: string): LinePlace {
    const bytes = encoder.encode(text + "\n");
    const offset = this.#end;
    try {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    } catch (error) {
      this.#cut(offset);
      throw new RunError(`${this.path}: cannot write: ${(error as Error).message}`, {
        cause: error,
      });
    }
    this.#end += bytes.length;
    return { offset, length: bytes.length - 1 };
  }

  /** The line at a place, with its newline; quick where places are asked for nearly in order. */
  read({ offset, length }: LinePlace): Uint8Array {
    const size = length + 1;
    const at = offset - this.#windowAt;
    if (at < 0 || at + size > this.#window.length) {
      this.#window = new Uint8Array(Math.min(Math.max(size, WINDOW), this.#end - offset));
      this.#windowAt = offset;
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      for (let filled = 0; filled < this.#window.length;) {
        filled += this.#file.readSync(this.#window.subarray(filled)) ?? this.#window.length;
      }
    }
    return this.#window.subarray(offset - this.#windowAt, offset - this.#windowAt + size);
  }

  /** Puts the lines at `places`, in that order, in place of the file, in one step. */
  rewrite(places: Iterable<LinePlace>): void {
    const temporary = `${this.path}.tmp`;
    const into = Deno.openSync(temporary, { write: true, create: true, truncate: true });
    const buffer = new Uint8Array(WINDOW);
    let filled = 0;
    const write = (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length;) at += into.writeSync(bytes.subarray(at));
    };
    try {
      for (const place of places) {
        const line = this.read(place);
        if (filled + line.length > buffer.length) {
          write(buffer.subarray(0, filled));
          filled = 0;
        }
        if (line.length > buffer.length) write(line);
        else {
          buffer.set(line, filled);
          filled += line.length;
        }
      }
      write(buffer.subarray(0, filled));
      into.syncDataSync();
      Deno.renameSync(temporary, this.path);
    } catch (error) {
      try {
        Deno.removeSync(temporary);
      } catch { /* it was never made */ }
      throw new RunError(`${this.path}: cannot write: ${(error as Error).message}`, {
        cause: error,
      });
    } finally {
      into.close();
    }
    this.#file.close();
    this.#file = Deno.openSync(this.path, { read: true, write: true });
    this.#end = this.#file.statSync().size;
    this.#window = new Uint8Array(0);
  }

  close(): void {
    this.#file.close();
  }

  #cut(offset: number): void {
    this.#file.truncateSync(offset);
    this.#end = offset;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
