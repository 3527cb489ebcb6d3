/** The first rows of a Parquet file that a build wrote, without a native library. */
import { zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { jsonColumnsOfParquet, withJson } from "./json_columns.ts";
import { readAt } from "../disk/read_at.ts";

/**
 * At most `count` rows from a file's beginning, of some columns or all. For files of a build's own
 * alone: of a damaged one the library may follow what it claims beyond all memory; other input is
 * read by `readParquetRows`.
 */
export async function firstParquetRows(
  path: string,
  count: number,
  columns?: string[],
): Promise<Record<string, unknown>[]> {
  using file = Deno.openSync(path, { read: true });
  const { size } = file.statSync();
  const slice = (start: number, end = size) => {
    const bytes = new Uint8Array(end - start);
    readAt(file, bytes, { offset: start, path });
    return bytes.buffer;
  };
  const rows = await parquetReadObjects({
    file: { byteLength: size, slice },
    rowEnd: count,
    columns,
    compressors: { ZSTD: (bytes) => zstdDecompressSync(bytes) },
  });
  const json = jsonColumnsOfParquet(path);
  return rows.map((row) => withJson(row, json));
}
