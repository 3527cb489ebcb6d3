/** The lines of a file that may be damaged anywhere, each with its place. */
import type { DiskFile } from "../core/disk.ts";

const NEWLINE = 10;
const CHUNK = 1 << 20;
const none = new Uint8Array(0);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A line's place in its file; the newline is not counted. */
export interface LinePlace {
  offset: number;
  length: number;
}

/**
 * Visits every whole line; `visit` returns false for one that it cannot use, `onChunk` is shown the
 * file's bytes. Returns the number of bad lines, the bytes that whole lines take, and those after
 * them, of a line that has no end.
 */
export function scanLines(
  file: Pick<DiskFile, "readSync" | "seekSync">,
  visit: (text: string, place: LinePlace) => boolean,
  onChunk?: (bytes: Uint8Array) => void,
): { bad: number; whole: number; torn: number } {
  let bad = 0, offset = 0, carry: Uint8Array = none;
  const chunk = new Uint8Array(CHUNK);
  file.seekSync(0, Deno.SeekMode.Start);
  for (let read; (read = file.readSync(chunk)) !== null;) {
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
  return { bad, whole: offset, torn: carry.length };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
