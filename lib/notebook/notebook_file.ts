/** Notebook files: Jupyter's nbformat 4, read, checked and written as Jupyter writes them. */
import { z } from "zod";
import { InputError, messageOf } from "../core/errors.ts";
import { firstFault } from "../core/rule_words.ts";

const Text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(""))]);

/** What a cell printed, returned, displayed or threw; the bundle of a display is kept as it is. */
export const Output = z.discriminatedUnion("output_type", [
  z.looseObject({ output_type: z.literal("stream"), name: z.string(), text: Text }),
  z.looseObject({
    output_type: z.enum(["display_data", "execute_result"]),
    data: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.unknown()),
    execution_count: z.number().nullable().optional(),
  }),
  z.looseObject({
    output_type: z.literal("error"),
    ename: z.string(),
    evalue: z.string(),
    traceback: z.array(z.string()),
  }),
]);
export type Output = z.infer<typeof Output>;

/** A cell; `outputs` and `execution_count` stand on code cells alone. */
export const Cell = z.looseObject({
  id: z.string().optional(),
  cell_type: z.enum(["code", "markdown", "raw"]),
  metadata: z.looseObject({ tags: z.array(z.string()).optional() }),
  source: Text,
  outputs: z.array(Output).optional(),
  execution_count: z.number().nullable().optional(),
});
export type Cell = z.infer<typeof Cell>;

/** A notebook of nbformat 4. Sources and streams are single texts here, lists of lines on disk. */
export const Notebook = z.looseObject({
  cells: z.array(Cell),
  metadata: z.looseObject({
    kernelspec: z.looseObject({ name: z.string() }).optional(),
    language_info: z.unknown().optional(),
  }),
  nbformat: z.literal(4),
  nbformat_minor: z.number().int(),
});
export type Notebook = z.infer<typeof Notebook>;

/**
 * Reads a notebook.
 *
 * @throws InputError Naming the file and what is wrong with it.
 */
export async function readNotebook(path: string): Promise<Notebook> {
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new InputError(`${path}: no such file`);
    throw new InputError(`${path}: cannot be read as a notebook: ${messageOf(error)}`);
  }
  const parsed = Notebook.safeParse(json);
  if (parsed.success) return parsed.data;
  const { field, rule } = firstFault(parsed.error);
  const where = field || "the whole file";
  throw new InputError(`${path}: not a notebook of nbformat 4: ${where}: ${rule}`);
}

/** A notebook's text as Jupyter writes it: sorted keys, one space of indent, sources as
 * lists of lines. */
export function formatNotebook(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: linesOf(cell.source),
    ...(cell.cell_type !== "code" ? {} : {
      execution_count: cell.execution_count ?? null,
      outputs: (cell.outputs ?? []).map((output) =>
        output.output_type === "stream" ? { ...output, text: linesOf(output.text) } : output
      ),
    }),
  }));
  return JSON.stringify(keysSorted({ ...notebook, cells }), null, 1) + "\n";
}

/** Jupyter sorts the keys of every object. */
function keysSorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keysSorted);
  if (value === null || typeof value !== "object") return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, field]) => [key, keysSorted(field)]));
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
