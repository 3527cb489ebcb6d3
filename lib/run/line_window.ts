/** Lines read at their places, quick where places are asked for nearly in order. */
import type { DiskFile } from "../core/disk.ts";
import type { LinePlace } from "./scan_lines.ts";

const WINDOW = 1 << 20;

/** The part of a file that was read last. */
export class LineWindow {
  #bytes = new Uint8Array(0);
  #at = 0;

  /** The line at a place, with its newline; what is beyond `end` is not asked for. */
  read(
    file: Pick<DiskFile, "readSync" | "seekSync">,
    { offset, length }: LinePlace,
    end: number,
  ): Uint8Array {
    const size = length + 1, at = offset - this.#at;
    if (at >= 0 && at + size <= this.#bytes.length) return this.#bytes.subarray(at, at + size);
    this.#bytes = new Uint8Array(Math.min(Math.max(size, WINDOW), end - offset));
    this.#at = offset;
    file.seekSync(offset, Deno.SeekMode.Start);
    for (let filled = 0; filled < this.#bytes.length;) {
      filled += file.readSync(this.#bytes.subarray(filled)) ?? this.#bytes.length;
    }
    return this.#bytes.subarray(0, size);
  }
}
