/** Parquet files, a row group at a time, compressed by the runtime's own zstd. */
import { constants, zstdCompressSync } from "node:zlib";
import { type Columns, type ColumnType, hfFeatures, type Value } from "./columns.ts";
import { type LeafType, leavesOf } from "./parquet_levels.ts";
import { pageBytes } from "./parquet_page.ts";
import type { ByteSink, ShardEncoder } from "./shard_files.ts";
import { i32, i64, list, struct, text, type Thrift, thriftBytes } from "./thrift.ts";

/** Rows of a row group: what the Hub's viewer and streaming readers fetch at once. */
export const ROW_GROUP_ROWS = 1000;

/** Numbers of Parquet's own format: https://github.com/apache/parquet-format. */
const TYPES: Record<LeafType, number> = { bool: 0, int64: 2, float64: 5, string: 6 };
const OPTIONAL = 1, REPEATED = 2;
const UTF8 = 0, LIST = 3;
const PLAIN = 0, RLE = 3;
const ZSTD = 6;
const MAGIC = new TextEncoder().encode("PAR1");
const COMPRESSION = {
  params: { [constants.ZSTD_c_compressionLevel]: 1 },
  chunkSize: 1 << 20,
};

/**
 * Encodes batches, the values of each column, into a Parquet file: each batch is a row group, each
 * column in it one page. Nothing is held but the metadata. The features that `datasets` reads
 * stand in the metadata, and readers find the types that it makes itself: text, `list<struct>`.
 * `onPlain` is told each page's size before compression.
 */
export function parquetEncoder(
  sink: ByteSink,
  columns: Columns,
  onPlain: (bytes: number) => void = () => {},
): ShardEncoder<readonly (readonly Value[])[]> {
  const groups: Thrift[] = [];
  let rows = 0;
  sink.write(MAGIC);
  const chunkOf = (leaf: ReturnType<typeof leavesOf>[number]) => {
    const offset = sink.size;
    const plain = pageBytes(leaf);
    onPlain(plain.length);
    const body = zstdCompressSync(plain, COMPRESSION);
    const head = thriftBytes(struct({
      1: i32(0),
      2: i32(plain.length),
      3: i32(body.length),
      5: struct({ 1: i32(leaf.definition.length), 2: i32(PLAIN), 3: i32(RLE), 4: i32(RLE) }),
    }));
    sink.write(head);
    sink.write(body);
    const size = head.length + plain.length;
    const metadata = struct({
      1: i32(TYPES[leaf.type]),
      2: list([i32(PLAIN), i32(RLE)]),
      3: list(leaf.path.map(text)),
      4: i32(ZSTD),
      5: i64(leaf.definition.length),
      6: i64(size),
      7: i64(sink.size - offset),
      9: i64(offset),
    });
    return { size, chunk: struct({ 2: i64(offset), 3: metadata }) };
  };
  return {
    write(values) {
      const count = values[0]!.length;
      const offset = sink.size;
      const chunks = Object.entries(columns).flatMap(([name, type], index) =>
        leavesOf(name, type, values[index]!).map(chunkOf)
      );
      groups.push(struct({
        1: list(chunks.map(({ chunk }) => chunk)),
        2: i64(chunks.reduce((sum, { size }) => sum + size, 0)),
        3: i64(count),
        5: i64(offset),
        6: i64(sink.size - offset),
      }));
      rows += count;
      return Promise.resolve();
    },
    close() {
      const features = JSON.stringify({ info: { features: hfFeatures(columns) } });
      const footer = thriftBytes(struct({
        1: i32(2),
        2: list(schemaOf(columns)),
        3: i64(rows),
        4: list(groups),
        5: list([struct({ 1: text("huggingface"), 2: text(features) })]),
        6: text("thinkset"),
      }));
      const end = new Uint8Array(8);
      new DataView(end.buffer).setUint32(0, footer.length, true);
      end.set(MAGIC, 4);
      sink.write(footer);
      sink.write(end);
      return Promise.resolve();
    },
  };
}

/** The schema's tree, parents before children. */
function schemaOf(columns: Columns): Thrift[] {
  const fields = Object.entries(columns);
  const root = struct({ 4: text("schema"), 5: i32(fields.length) });
  return [root, ...fields.flatMap(([name, type]) => elementsOf(name, type))];
}

function elementsOf(name: string, type: ColumnType): Thrift[] {
  if (typeof type === "string") {
    const isText = type === "string";
    return [struct({
      1: i32(TYPES[type]),
      3: i32(OPTIONAL),
      4: text(name),
      6: isText ? i32(UTF8) : undefined,
      10: isText ? struct({ 1: struct({}) }) : undefined,
    })];
  }
  if ("struct" in type) {
    const fields = Object.entries(type.struct);
    return [
      struct({ 3: i32(OPTIONAL), 4: text(name), 5: i32(fields.length) }),
      ...fields.flatMap(([inner, innerType]) => elementsOf(inner, innerType)),
    ];
  }
  return [
    struct({
      3: i32(OPTIONAL),
      4: text(name),
      5: i32(1),
      6: i32(LIST),
      10: struct({ 3: struct({}) }),
    }),
    struct({ 3: i32(REPEATED), 4: text("list"), 5: i32(1) }),
    ...elementsOf("item", type.list),
  ];
}
