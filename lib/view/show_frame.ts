/** A frame as a notebook's cell shows it: with as many digits as a person reads. */
import type { DataFrame } from "../core/frame.ts";
import { type Displayable, shownAs } from "./display.ts";
import { tableHtml } from "./html.ts";

/** How much of a frame is shown. */
export interface ShowFrameOptions {
  /** Rows at most; default 50. */
  rows?: number;
  /** Digits of a number that is no whole one; default 4. */
  digits?: number;
}

/**
 * A frame as a cell's value: its first rows as a table, numbers with few digits. The frame by itself
 * shows them with all that they have.
 *
 * @example
 * ```ts
 * import pl from "nodejs-polars";
 * import { showFrame } from "thinkset/notebook";
 * import assert from "node:assert/strict";
 *
 * const shown = showFrame(pl.DataFrame({ margin: [1.2345678901234], pairs: [123456] }));
 * const html = shown[Symbol.for("Jupyter.display")]!()["text/html"];
 * assert.match(String(html), /<td>1.235<\/td><td>123456<\/td>/);
 * ```
 */
export function showFrame(
  frame: DataFrame,
  { rows = 50, digits = 4 }: ShowFrameOptions = {},
): Displayable {
  return shownAs(() => {
    const { data, schema } = frame.head(rows).toDataResource() as Resource;
    const read = data.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, fewDigits(value, digits)]),
      )
    );
    return {
      "application/vnd.dataresource+json": { data: read, schema },
      "text/html": tableOf(schema.fields.map(({ name }) => name), read, frame.height),
    };
  });
}

interface Resource {
  data: Record<string, unknown>[];
  schema: { fields: { name: string }[] };
}

function fewDigits(value: unknown, digits: number): unknown {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Number(value.toPrecision(digits));
}

function tableOf(names: string[], rows: Record<string, unknown>[], height: number): string {
  const cell = (value: unknown) =>
    typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
  const more = height > rows.length ? `<p>${rows.length} of ${height} rows</p>` : "";
  return tableHtml(names, rows.map((row) => names.map((name) => cell(row[name])))) + more;
}
