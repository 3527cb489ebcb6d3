/** Large made-up files, written in blocks. */

/** Writes blocks one after the other, each whole. */
export function writeBlocks(path: string, blocks: Iterable<Uint8Array>): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (const block of blocks) {
    for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
  }
}

/** Rows one a line, or as one array with an indent of 2, as scripts dump it. */
export type Layout = "lines" | "array";

/** Writes so many rows, each made by its number. */
export function writeRows(
  path: string,
  rows: number,
  rowOf: (index: number) => unknown,
  layout: Layout = "lines",
): void {
  const encoder = new TextEncoder();
  const isLines = layout === "lines", indent = isLines ? 0 : 2;
  writeBlocks(
    path,
    function* () {
      if (!isLines) yield encoder.encode("[\n");
      for (let from = 0; from < rows; from += 500) {
        const texts = Array.from(
          { length: Math.min(500, rows - from) },
          (_, at) => JSON.stringify(rowOf(from + at), null, indent).replaceAll("\n", "\n  "),
        );
        const isLast = from + texts.length === rows;
        yield encoder.encode(
          isLines ? texts.join("\n") + "\n" : `  ${texts.join(",\n  ")}${isLast ? "\n]\n" : ",\n"}`,
        );
      }
    }(),
  );
}
