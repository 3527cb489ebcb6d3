/** A notebook's code as one module, for tools that do not read notebooks. */
import type { Notebook } from "../../lib/notebook/notebook_file.ts";

/** The module's text, and the cell and line that each of its lines comes from. */
export interface JoinedCells {
  text: string;
  /** By 0-based line of the text: `cell 3, line 2`. */
  places: string[];
}

/** Joins the code cells in their order, a semicolon between each two. */
export function joinCells(notebook: Notebook): JoinedCells {
  const lines: string[] = [], places: string[] = [];
  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== "code") continue;
    for (const [line, text] of cell.source.split("\n").entries()) {
      lines.push(text);
      places.push(`cell ${index}, line ${line + 1}`);
    }
    lines.push(";");
    places.push(`end of cell ${index}`);
  }
  return { text: lines.join("\n") + "\nexport {};\n", places };
}
