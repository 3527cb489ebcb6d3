/** Rows of a table with a head: CSV and TSV. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import { InputError, messageOf } from "../../core/errors.ts";
import { readBytes, type ReadBytesOptions } from "../disk/bytes.ts";
import { columnsOf } from "./columns_of.ts";

/** A row by its columns' names, every value text and an empty cell null; or why it is none. */
export type TableRow =
  | { row: Record<string, string | null>; fault?: undefined }
  | { row: undefined; fault: string };

/**
 * Streams a table's rows; quotes and line breaks within quotes as in RFC 4180. A row with more or
 * fewer cells than the head is yielded as a fault.
 *
 * @throws {InputError} where the file cannot be read, is no UTF-8, has no head or two columns of one
 * name, or ends within quotes.
 */
export async function* readTable(
  path: string,
  delimiter: "," | "\t",
  options: ReadBytesOptions = {},
): AsyncGenerator<TableRow> {
  const parser = parse({
    delimiter,
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  // What fails in it ends the loop below with the same error.
  pipeline(Readable.from(textOf(path, options)), parser).catch(() => {});
  let head: string[] | undefined;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (head === undefined) {
        head = checkedHead(path, cells);
        continue;
      }
      if (cells.length !== head.length) {
        yield { row: undefined, fault: `${cells.length} cells, where the head has ${head.length}` };
        continue;
      }
      yield { row: Object.fromEntries(head.map((name, at) => [name, cells[at] || null])) };
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: not a sound table: ${messageOf(error)}`);
  } finally {
    parser.destroy();
  }
}

function checkedHead(path: string, head: string[]): string[] {
  const twice = head.find((name, at) => head.indexOf(name) < at);
  if (twice === undefined) return head;
  throw new InputError(
    `${path}: two columns are called ${JSON.stringify(twice)}; ${columnsOf(head)}`,
  );
}

async function* textOf(path: string, options: ReadBytesOptions): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (bytes?: Uint8Array) => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new InputError(`${path}: not UTF-8 text`);
    }
  };
  for await (const chunk of readBytes(path, options)) yield decode(chunk);
  yield decode();
}
