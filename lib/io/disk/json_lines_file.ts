/** A JSON Lines file that is written once, line by line, and hashed as it is written. */
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { FileEntry } from "../../core/manifest.ts";

const HELD_LINES = 1000;
const HELD_CHARS = 4 << 20;

/** Holds at most 1,000 lines (or 4 M characters) in memory. */
export class JsonLinesFile {
  /** Lines so far. */
  lines = 0;
  readonly #file: Deno.FsFile;
  readonly #hash = createHash("sha256");
  #held: string[] = [];
  #chars = 0;
  #open = true;

  /** Makes the file and its folder; the file must not exist. */
  constructor(path: string) {
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#file = Deno.openSync(path, { write: true, createNew: true });
  }

  add(value: unknown): void {
    const line = JSON.stringify(value);
    this.#held.push(line);
    this.#chars += line.length;
    this.lines++;
    if (this.#held.length >= HELD_LINES || this.#chars >= HELD_CHARS) this.#flush();
  }

  /** Writes the rest and closes; gives the manifest's entry under `path`. */
  close(path: string): FileEntry {
    this.#flush();
    this.abandon();
    return { path, sha256: this.#hash.digest("hex"), rows: this.lines };
  }

  /** Lets go of the file after a failure. */
  abandon(): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }

  #flush(): void {
    if (this.#held.length === 0) return;
    const bytes = encoder.encode(this.#held.join("\n") + "\n");
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    this.#hash.update(bytes);
    this.#held = [];
    this.#chars = 0;
  }
}

const encoder = new TextEncoder();
