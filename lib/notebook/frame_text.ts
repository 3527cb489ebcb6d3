/** A frame as text, for logs: what JupyterLab shows as a table. */
import { z } from "zod";

/** How a frame is given to a notebook: https://specs.frictionlessdata.io/tabular-data-resource/ */
export const FRAME_MIME = "application/vnd.dataresource+json";

const Frame = z.object({
  data: z.array(z.record(z.string(), z.unknown())),
  schema: z.object({ fields: z.array(z.object({ name: z.string() })) }),
});

const MOST_ROWS = 10;
const MOST_WIDTH = 40;

/** The first rows in columns; undefined for what is no frame. */
export function frameText(resource: unknown): string | undefined {
  const parsed = Frame.safeParse(resource);
  if (!parsed.success) return undefined;
  const { data, schema: { fields } } = parsed.data;
  const columns = fields.map((
    { name },
  ) => [name, ...data.slice(0, MOST_ROWS).map((row) => cellText(row[name]))]);
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const lines = Array.from(
    { length: Math.min(data.length, MOST_ROWS) + 1 },
    (_, row) => columns.map((cells, i) => cells[row]!.padEnd(widths[i]!)).join("  ").trimEnd(),
  );
  if (data.length > MOST_ROWS) lines.push(`… ${data.length} rows`);
  return lines.join("\n");
}

/** As many digits as a person reads. */
function cellText(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value)) return String(+value.toPrecision(4));
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
  const line = text.replace(/\s+/g, " ");
  return line.length > MOST_WIDTH ? line.slice(0, MOST_WIDTH - 1) + "…" : line;
}
