/** A table of docs/trainers.md that a test measures. */
import assert from "node:assert/strict";
import { insertBetween } from "../../scripts/bench/table.ts";

const FILE = new URL("../../docs/trainers.md", import.meta.url);

/** Holds the document's table equal to what was measured; with THINKSET_WRITE set, writes it. */
export function documentsTable(name: string, [head, ...rows]: readonly string[][]): void {
  const document = Deno.readTextFileSync(FILE);
  if (Deno.env.has("THINKSET_WRITE")) {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    const lines = [head!, head!.map(() => "---"), ...rows].map(line);
    Deno.writeTextFileSync(FILE, insertBetween(document, name, lines.join("\n")));
    return;
  }
  const [, table = ""] = document.split(new RegExp(`<!-- /?${name} -->`));
  const cells = table.trim().split("\n")
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  assert.deepEqual([cells[0], ...cells.slice(2)], [head, ...rows], `${name} in docs/trainers.md`);
}
