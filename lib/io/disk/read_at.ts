/** Bytes from a place of an open file. */

/** Fills `into` from the offset on. Throws an `Error` naming the file where that ends before. */
export function readAt(
  file: Deno.FsFile,
  into: Uint8Array,
  { offset, path }: { offset: number; path: string },
): void {
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < into.length;) {
    const read = file.readSync(into.subarray(at));
    if (read === null) throw new Error(`${path}: the file is cut short`);
    at += read;
  }
}
