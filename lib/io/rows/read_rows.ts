/** Rows of any input that the contract names, one stream for all shapes. */
import { InputError } from "../../core/errors.ts";
import { readBytes, type ReadBytesOptions } from "../disk/bytes.ts";
import {
  type InputFile,
  inputFiles,
  type InputFilesOptions,
  type InputPaths,
  wordsOf,
} from "../inputs/input_files.ts";
import { readJsonArray } from "./json_array.ts";
import { parseJson } from "./parse_json.ts";
import { readLines } from "./lines.ts";

/** A row and where it stands. */
export interface Row {
  /** What the file holds there. */
  row: unknown;
  /** `FILE:LINE` for JSON Lines, `FILE row N` (from 1) for the rest. */
  where: string;
  /** The file's name without its endings: the source of rows that name none. */
  stem: string;
  /** The text of a line that is no JSON; `row` is then undefined. */
  text?: string;
  /** Why a row of a table is none; `row` is then undefined. */
  fault?: string;
}

/** Options of {@link readRows}. */
export interface ReadRowsOptions extends InputFilesOptions, ReadBytesOptions {
  /** Yield a line that is no JSON with its `text`, in place of throwing. Default: false. */
  badLines?: boolean;
}

/**
 * Streams the rows of everything that the contract's PATH names: `.json` (an array), `.jsonl`,
 * `.ndjson`, `.csv`, `.tsv` (each also gzip), `.parquet`, a folder of them, an earlier stage's OUT,
 * a Hugging Face `save_to_disk` folder; of several paths, one after the other.
 *
 * @throws {InputError} naming the file, the row and the rule; also for inputs without any row.
 */
export async function* readRows(
  paths: InputPaths,
  options: ReadRowsOptions = {},
): AsyncGenerator<Row> {
  const files = await inputFiles(paths, options);
  let empty = !files.some((file) => file.isShard);
  for (const file of files) {
    for await (const row of rowsOf(file, options)) {
      empty = false;
      yield row;
    }
  }
  if (empty) throw new InputError(`${wordsOf(paths)}: holds no rows`);
}

/**
 * Streams the rows of one file; a line that a crash tore off a shard's end is left out. Of a Parquet
 * file `sample` asks for at most so many rows, spread over it, whose numbers are then their own.
 */
export async function* rowsOf(
  file: InputFile,
  options: ReadBytesOptions & { sample?: number; badLines?: boolean } = {},
): AsyncGenerator<Row> {
  const { path, stem } = file, place = file.at ?? path;
  if (file.kind === "text") {
    if (await beginsWithBracket(place)) {
      for await (const { value, row } of readJsonArray(place, options)) {
        yield { row: value, where: `${path} row ${row}`, stem };
      }
    } else {
      for await (const { text, line, terminated } of readLines(place, options)) {
        if (text.trim() === "" || (file.isShard && !terminated)) continue;
        const where = `${path}:${line}`;
        if (line === 1) checkFirstLine(path, text);
        yield { ...valueOf(text, where, options.badLines ?? false), where, stem };
      }
    }
    return;
  }
  if (file.kind === "csv" || file.kind === "tsv") {
    // Loaded when needed, as all that follow.
    const { readTable } = await import("./csv_rows.ts");
    const delimiter = file.kind === "csv" ? "," : "\t";
    let count = 0;
    for await (const { row, fault } of readTable(place, delimiter, options)) {
      const where = `${path} row ${++count}`;
      if (fault !== undefined && !options.badLines) throw new InputError(`${where}: ${fault}`);
      yield { row, where, stem, ...(fault === undefined ? {} : { fault }) };
    }
    return;
  }
  // Polars is a native library, and most inputs are text.
  const rows = file.kind === "parquet"
    ? (await import("./parquet_rows.ts")).readParquetRows
    : (await import("./arrow_rows.ts")).readArrowRows;
  let count = 0;
  for await (const row of rows(place, { ...options, need: file.need })) {
    yield { row, where: `${path} row ${++count}`, stem };
  }
}

/** A line's value, or its text where it is no JSON: the lines after it can still be read. */
function valueOf(text: string, where: string, badLines: boolean): Pick<Row, "row" | "text"> {
  try {
    return { row: parseJson(text, where) };
  } catch (error) {
    if (badLines && error instanceof InputError) return { row: undefined, text };
    throw error;
  }
}

/** A `.json` that begins with neither an array nor a line of JSON Lines is no list of rows. */
function checkFirstLine(path: string, text: string): void {
  if (!/\.json(\.gz)?$/i.test(path) || JSON_LINE_END.test(text)) return;
  throw new InputError(`${path}: must hold a JSON array of rows, or JSON Lines`);
}

/** How the first line of JSON Lines ends; that of one object over several lines does not. */
const JSON_LINE_END = /\}\s*$/;

/** Whether a text file's first character, white space aside, opens a JSON array. */
async function beginsWithBracket(path: string): Promise<boolean> {
  for await (const chunk of readBytes(path)) {
    const text = new TextDecoder().decode(chunk).trimStart();
    if (text !== "") return text[0] === "[";
  }
  return false;
}
