/** Many lines into one file, in few writes. */
import { type DiskFile, writeAll } from "../core/disk.ts";

const BUFFER = 1 << 20;

/** Writes lines one after the other; each is taken before the next is asked for. */
export function writeLines(
  into: Pick<DiskFile, "writeSync">,
  lines: Iterable<Uint8Array>,
): void {
  const buffer = new Uint8Array(BUFFER);
  let filled = 0;
  for (const line of lines) {
    if (filled + line.length > buffer.length) {
      writeAll(into, buffer.subarray(0, filled));
      filled = 0;
    }
    if (line.length > buffer.length) writeAll(into, line);
    else {
      buffer.set(line, filled);
      filled += line.length;
    }
  }
  writeAll(into, buffer.subarray(0, filled));
}
