/** A Parquet file of the Hub of which only the row groups that are read are fetched. */
import { dirname } from "node:path";
import { parquetMetadata } from "hyparquet";
import { writeAll } from "../../core/disk.ts";
import { InputError, messageOf } from "../../core/errors.ts";
import { isFile } from "../../core/file_kind.ts";
import { jsonValue } from "../../core/json_value.ts";

/** A stretch of a file: a row group's rows, and its bytes. */
interface RowGroup {
  rows: number;
  from: number;
  to: number;
}

/** No footer is larger: it is held in memory whole. */
const MOST_FOOTER_BYTES = 64 << 20;

/**
 * A local file of the whole one's size, with holes where nothing was fetched. What is there is listed
 * beside it, so that a later run fetches none of it again.
 */
export class RangedParquet {
  readonly #present: Set<number>;

  private constructor(
    readonly path: string,
    readonly name: string,
    readonly source: Blob,
    readonly groups: readonly RowGroup[],
    present: readonly number[],
  ) {
    this.#present = new Set(present);
  }

  /**
   * Fetches the file's footer. `source` gives ranges of the file, `name` is what errors call it.
   *
   * @throws {InputError} where it is no sound Parquet file.
   */
  static async open(path: string, name: string, source: Blob): Promise<RangedParquet> {
    const { size } = source;
    try {
      const end = new DataView(await bytesOf(source, size - 8, size));
      const length = end.getUint32(0, true) + 8;
      if (end.getUint32(4, true) !== MAGIC || length > Math.min(size, MOST_FOOTER_BYTES)) {
        throw new Error("its end is not a Parquet file's");
      }
      const footer = await bytesOf(source, size - length, size);
      const groups = groupsOf(footer, size - length);
      const present = await presentIn(path);
      if (present.length === 0) {
        await Deno.mkdir(dirname(path), { recursive: true });
        using file = await Deno.open(path, { create: true, write: true });
        await file.truncate(size);
        put(file, 0, await bytesOf(source, 0, 4));
        put(file, size - length, footer);
      }
      return new RangedParquet(path, name, source, groups, present);
    } catch (error) {
      throw new InputError(`${name}: not a sound Parquet file: ${messageOf(error)}`);
    }
  }

  /** Fetches the groups that hold the rows from one up to another. Throws `InputError`. */
  async need(from: number, to: number): Promise<void> {
    let first = 0;
    for (const [index, { rows, ...range }] of this.groups.entries()) {
      const holds = first < to && first + rows > from;
      first += rows;
      if (!holds || this.#present.has(index)) continue;
      try {
        using file = await Deno.open(this.path, { write: true });
        put(file, range.from, await bytesOf(this.source, range.from, range.to));
        await file.sync();
      } catch (error) {
        throw new InputError(`${this.name}: cannot be downloaded: ${messageOf(error)}`);
      }
      this.#present.add(index);
      await Deno.writeTextFile(listOf(this.path), JSON.stringify([...this.#present]));
    }
  }
}

/** `PAR1`, as a little-endian number. */
const MAGIC = 0x31524150;

const listOf = (path: string) => `${path}.groups.json`;

async function presentIn(path: string): Promise<number[]> {
  const text = isFile(path) ? await Deno.readTextFile(listOf(path)).catch(() => "") : "";
  const list = jsonValue(text);
  return Array.isArray(list) ? list.filter((index) => Number.isInteger(index)) : [];
}

/** The row groups of a footer. Throws where one does not lie within what is before the footer. */
function groupsOf(footer: ArrayBuffer, end: number): RowGroup[] {
  return parquetMetadata(footer, { geoparquet: false }).row_groups.map((group) => {
    const columns = group.columns.flatMap(({ meta_data }) => meta_data ?? []);
    const starts = columns.map((column) =>
      Number(column.dictionary_page_offset ?? column.data_page_offset)
    );
    const ends = columns.map((column, at) => starts[at]! + Number(column.total_compressed_size));
    const from = Math.min(...starts), to = Math.max(...ends), rows = Number(group.num_rows);
    if (!(from >= 4 && from < to && to <= end && rows >= 0)) {
      throw new Error("a row group lies outside of the file");
    }
    return { rows, from, to };
  });
}

async function bytesOf(source: Blob, from: number, to: number): Promise<ArrayBuffer> {
  const bytes = await source.slice(from, to).arrayBuffer();
  if (bytes.byteLength === to - from) return bytes;
  throw new Error(`${bytes.byteLength} bytes came, not ${to - from}`);
}

function put(file: Deno.FsFile, at: number, bytes: ArrayBuffer): void {
  file.seekSync(at, Deno.SeekMode.Start);
  writeAll(file, new Uint8Array(bytes));
}
