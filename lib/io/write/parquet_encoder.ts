/** Parquet from the values of columns, a row group at a time. */
import { constants, zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { type Columns, type ColumnType, hfFeatures, type Value } from "./columns.ts";
import type { ColumnValues } from "./packed_rows.ts";
import type { ByteSink, ShardEncoder } from "./shard_files.ts";

/** Rows of a row group: what the Hub's viewer and streaming readers fetch at once. */
export const ROW_GROUP_ROWS = 1000;
/** A column of a row group of usual texts is one page: each costs a compressor of its own. */
const PAGE_BYTES = 8 << 20;

/**
 * Encodes batches into a Parquet file, each as a row group, with zstd and with the features that
 * `datasets` reads from the metadata. Only the open row group is held in memory.
 *
 * @param onRows is told each batch's size in bytes before it is compressed.
 */
export function parquetEncoder(
  sink: ByteSink,
  columns: Columns,
  onRows: (plainBytes: number) => void,
): ShardEncoder<ColumnValues> {
  const names = Object.keys(columns), types = Object.values(columns);
  const writer = new ParquetWriter({
    writer: new SinkWriter(sink),
    schema: schemaOf(columns),
    codec: "ZSTD",
    compressors: { ZSTD: compress },
    statistics: false,
    createdBy: "thinkset",
    kvMetadata: [{
      key: "huggingface",
      value: JSON.stringify({ info: { features: hfFeatures(columns) } }),
    }],
  });
  return {
    async write(values) {
      const columnData = names.map((name, index) => ({
        name,
        data: physical(types[index]!, values[index]!),
        // Texts hardly ever repeat: to look for it costs more than it saves.
        encoding: "PLAIN" as const,
        offsetIndex: false,
      }));
      await writer.write({ columnData, rowGroupSize: values[0]!.length, pageSize: PAGE_BYTES });
      onRows(Number(writer.row_groups.at(-1)!.total_byte_size));
    },
    async close() {
      await writer.finish();
    },
  };
}

/** Shorter pieces (headers, levels) are held until the next long one, or the row group's end. */
const HELD_BYTES = 1 << 16;

/** Gives the file's bytes on: short ones together, a page's as they come. */
class SinkWriter extends ByteWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    super(HELD_BYTES);
    this.#sink = sink;
  }
  override appendBytes(value: Uint8Array): void {
    if (value.length < HELD_BYTES) return super.appendBytes(value);
    this.flush();
    this.#sink.write(value);
    this.offset += value.length;
  }
  flush(): void {
    this.#sink.write(this.getBytes());
    this.index = 0;
  }
  override finish(): void {
    this.flush();
  }
}

const LEVEL = { [constants.ZSTD_c_compressionLevel]: 1 };

function compress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: LEVEL, chunkSize: 1 << 18 });
}

/** The columns as Parquet's flat list of schema elements, lists as its specification wants them. */
function schemaOf(columns: Columns): SchemaElement[] {
  const fields = Object.entries(columns);
  return [
    { name: "schema", num_children: fields.length },
    ...fields.flatMap(([name, type]) => elementsOf(name, type)),
  ];
}

function elementsOf(name: string, type: ColumnType): SchemaElement[] {
  const own = { name, repetition_type: "OPTIONAL" } as const;
  if (typeof type === "string") return [{ ...own, ...LEAVES[type] }];
  if ("list" in type) {
    return [
      { ...own, converted_type: "LIST", logical_type: { type: "LIST" }, num_children: 1 },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...elementsOf("element", type.list),
    ];
  }
  const fields = Object.entries(type.struct);
  return [
    { ...own, num_children: fields.length },
    ...fields.flatMap(([inner, innerType]) => elementsOf(inner, innerType)),
  ];
}

const LEAVES = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  // Told by the features alone: of Parquet's own type for JSON Polars makes bytes, or nothing.
  json: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  float64: { type: "DOUBLE" },
  int64: { type: "INT64" },
  bool: { type: "BOOLEAN" },
} as const satisfies Record<string, Partial<SchemaElement>>;

/** The values as the writer takes them: whole numbers as bigint. */
function physical(type: ColumnType, values: readonly Value[]): unknown[] {
  return holdsWhole(type) ? values.map((value) => withBigInts(type, value)) : values as unknown[];
}

function holdsWhole(type: ColumnType): boolean {
  if (typeof type === "string") return type === "int64";
  return "list" in type ? holdsWhole(type.list) : Object.values(type.struct).some(holdsWhole);
}

function withBigInts(type: ColumnType, value: Value): unknown {
  if (value === null) return null;
  if (typeof type === "string") return type === "int64" ? BigInt(value as number) : value;
  if ("list" in type) {
    return (value as readonly Value[]).map((each) => withBigInts(type.list, each));
  }
  const struct = value as { readonly [field: string]: Value };
  return Object.fromEntries(
    Object.entries(type.struct).map(([name, inner]) => [
      name,
      withBigInts(inner, struct[name] ?? null),
    ]),
  );
}
