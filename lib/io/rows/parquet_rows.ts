/** Rows of a Parquet file, a slice at a time. */
import pl from "nodejs-polars";
import { InputError, messageOf } from "../../core/errors.ts";
import { fileError } from "../disk/bytes.ts";
import { readAt } from "../disk/read_at.ts";
import { columnsOfFrame, rowsOfFrame } from "./frame_rows.ts";
import { jsonColumnsOfParquet } from "./json_columns.ts";

/** A slice decodes about this much of the file, so that memory does not grow with the file. */
const SLICE_BYTES = 8 << 20;
const MAX_SLICE_ROWS = 20_000;
/** Of a file that is fetched as it is read, no more rows are fetched ahead: a row group as a rule. */
const NEEDED_ROWS = 1_000;

/** A sample is taken in at least so many stretches: each lies in one or two row groups. */
const SAMPLE_STRETCHES = 8;

/**
 * Streams the rows of a Parquet file as plain objects, nested lists and structs included.
 * `sample` asks for at most so many rows, in stretches spread evenly over the file. `need` is awaited
 * before the rows from one up to another are read: a file may have holes until then.
 *
 * @throws {InputError} where the file cannot be read or is no sound Parquet file.
 */
export async function* readParquetRows(
  path: string,
  options: {
    signal?: AbortSignal;
    sample?: number;
    need?: (from: number, to: number) => Promise<void>;
  } = {},
): AsyncGenerator<Record<string, unknown>> {
  const bytes = await checkParquet(path);
  try {
    await options.need?.(0, 1);
    const total = countRows(path);
    const columns = columnsOfFrame(scan(path), jsonColumnsOfParquet(path));
    const most = options.need ? NEEDED_ROWS : MAX_SLICE_ROWS;
    const step = Math.max(1, Math.min(most, Math.floor(total * SLICE_BYTES / bytes)));
    for (const [offset, count] of slicesOf(total, step, options.sample)) {
      options.signal?.throwIfAborted();
      await options.need?.(offset, offset + count);
      yield* rowsOfFrame(scan(path).slice(offset, count), columns);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof InputError
      ? error
      : new InputError(`${path}: not a sound Parquet file: ${messageOf(error)}`);
  }
}

/** The path as it stands: not as a pattern, by which `x[1].parquet` would be `x1.parquet`. */
function scan(path: string) {
  return pl.scanParquet(path, { glob: false });
}

/** Where slices begin and how many rows they hold: all rows, or a sample of them. */
function slicesOf(total: number, step: number, sample = Infinity): [number, number][] {
  if (sample >= total) {
    const starts = Array.from({ length: Math.ceil(total / step) }, (_, index) => index * step);
    return starts.map((start) => [start, Math.min(step, total - start)]);
  }
  const stretches = Math.min(sample, Math.max(SAMPLE_STRETCHES, Math.ceil(sample / step)));
  const left = (total - sample) / Math.max(1, stretches - 1);
  return Array.from({ length: stretches }, (_, index) => {
    const before = Math.floor(sample * index / stretches);
    const rows = Math.floor(sample * (index + 1) / stretches) - before;
    return [before + Math.floor(left * index), rows];
  });
}

/** How many rows a Parquet file holds, by its metadata. Throws `InputError`. */
export async function countParquetRows(path: string): Promise<number> {
  await checkParquet(path);
  try {
    return countRows(path);
  } catch (error) {
    throw new InputError(`${path}: not a sound Parquet file: ${messageOf(error)}`);
  }
}

function countRows(path: string): number {
  const counted = scan(path).select(pl.len().alias("rows")).collectSync();
  return Number(counted.getColumn("rows").get(0));
}

/** The file's size, after a look at its first and last four bytes. */
async function checkParquet(path: string): Promise<number> {
  try {
    using file = await Deno.open(path, { read: true });
    const { size } = await file.stat();
    if (size === 0) throw new InputError(`${path}: the file is empty`);
    const magic = (offset: number) => {
      const four = new Uint8Array(4);
      readAt(file, four, { offset, path });
      return new TextDecoder("latin1").decode(four);
    };
    if (size < 12 || magic(0) !== "PAR1") throw new InputError(`${path}: not a Parquet file`);
    if (magic(size - 4) !== "PAR1") {
      throw new InputError(`${path}: the Parquet file is cut short`);
    }
    return size;
  } catch (error) {
    throw fileError(path, error);
  }
}
