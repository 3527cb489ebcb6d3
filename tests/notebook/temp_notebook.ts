/** Small notebooks in a folder of their own, for tests. */
import { join } from "node:path";
import { formatNotebook } from "../../lib/notebook/notebook_file.ts";

/** A code cell, or one with tags. */
export type TestCell = string | { source: string; tags: string[] };

/** Writes a notebook of code cells and returns its path. */
export async function writeNotebook(
  folder: string,
  name: string,
  cells: TestCell[],
): Promise<string> {
  const path = join(folder, `${name}.ipynb`);
  await Deno.writeTextFile(
    path,
    formatNotebook({
      cells: cells.map((cell, index) => ({
        id: `cell-${index}`,
        cell_type: "code",
        metadata: typeof cell === "string" ? {} : { tags: cell.tags },
        source: typeof cell === "string" ? cell : cell.source,
      })),
      metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
      nbformat: 4,
      nbformat_minor: 5,
    }),
  );
  return path;
}
