/** Large made-up files, written in blocks. */

/** Writes blocks one after the other, each whole. */
export function writeBlocks(path: string, blocks: Iterable<Uint8Array>): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (const block of blocks) {
    for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
  }
}

/** Writes `rows` lines, each made by its number. */
export function writeLines(path: string, rows: number, line: (index: number) => string): void {
  const encoder = new TextEncoder();
  writeBlocks(
    path,
    function* () {
      for (let from = 0; from < rows; from += 500) {
        const lines = Array.from(
          { length: Math.min(500, rows - from) },
          (_, at) => line(from + at),
        );
        yield encoder.encode(lines.join("\n") + "\n");
      }
    }(),
  );
}
