/** Arrow data built from plain values, a column at a time. */
import * as arrow from "apache-arrow";
import { arrowEncoder } from "./arrow_encoder.ts";
import { type Columns, type ColumnType, hfFeatures, type Value } from "./columns.ts";
import type { ByteSink, ShardEncoder } from "./shard_files.ts";

/** Encodes batches, the values of each column, into a file in Arrow's stream format. */
export function arrowValuesEncoder(
  sink: ByteSink,
  columns: Columns,
): ShardEncoder<readonly (readonly Value[])[]> {
  const schema = arrowSchema(columns);
  const head = arrow.tableToIPC(new arrow.Table(schema, []), "stream");
  const encoder = arrowEncoder(sink, head);
  return {
    write(values) {
      const batch = recordBatch(schema, columns, values);
      return encoder.write(arrow.tableToIPC(new arrow.Table([batch]), "stream"));
    },
    close: () => encoder.close(),
  };
}

/** The Arrow schema, with the features that `datasets` reads from its metadata. */
function arrowSchema(columns: Columns): arrow.Schema {
  const fields = Object.entries(columns).map(([name, type]) => field(name, type));
  const info = JSON.stringify({ info: { features: hfFeatures(columns) } });
  return new arrow.Schema(fields, new Map([["huggingface", info]]));
}

/** A record batch of the schema from the values of each column. */
function recordBatch(
  schema: arrow.Schema,
  columns: Columns,
  values: readonly (readonly Value[])[],
): arrow.RecordBatch {
  const children = Object.values(columns).map((type, index) => columnData(type, values[index]!));
  const data = arrow.makeData({
    type: new arrow.Struct(schema.fields),
    length: values[0]?.length ?? 0,
    nullCount: 0,
    children,
  });
  return new arrow.RecordBatch(schema, data);
}

function field(name: string, type: ColumnType): arrow.Field {
  return new arrow.Field(name, arrowType(type), true, type === "json" ? JSON_TYPE : undefined);
}

/** Arrow's own extension type for JSON, over text. */
const JSON_TYPE = new Map([
  ["ARROW:extension:name", "arrow.json"],
  ["ARROW:extension:metadata", ""],
]);

function arrowType(type: ColumnType): arrow.DataType {
  if (type === "string" || type === "json") return new arrow.Utf8();
  if (type === "float64") return new arrow.Float64();
  if (type === "int64") return new arrow.Int64();
  if (type === "bool") return new arrow.Bool();
  if ("list" in type) return new arrow.List(field("item", type.list));
  return new arrow.Struct(Object.entries(type.struct).map(([name, inner]) => field(name, inner)));
}

function columnData(type: ColumnType, values: readonly Value[]): arrow.Data {
  const length = values.length;
  const nulls = nullsOf(values);
  if (type === "string" || type === "json") {
    return textData(values as readonly (string | Uint8Array | null)[], nulls);
  }
  if (type === "float64") {
    const data = Float64Array.from(values as readonly (number | null)[], (value) => value ?? 0);
    return arrow.makeData({ type: new arrow.Float64(), length, ...nulls, data });
  }
  if (type === "int64") {
    const data = BigInt64Array.from(
      values as readonly (number | null)[],
      (value) => BigInt(value ?? 0),
    );
    return arrow.makeData({ type: new arrow.Int64(), length, ...nulls, data });
  }
  if (type === "bool") {
    const data = bits(length, (index) => values[index] === true);
    return arrow.makeData({ type: new arrow.Bool(), length, ...nulls, data });
  }
  if ("list" in type) {
    const valueOffsets = new Int32Array(length + 1);
    const items: Value[] = [];
    for (let index = 0; index < length; index++) {
      for (const item of (values[index] ?? []) as readonly Value[]) items.push(item);
      valueOffsets[index + 1] = items.length;
    }
    const child = columnData(type.list, items);
    const list = arrowType(type) as arrow.List;
    return arrow.makeData({ type: list, length, ...nulls, valueOffsets, child });
  }
  const children = Object.entries(type.struct).map(([name, inner]) =>
    columnData(
      inner,
      values.map((value) => (value as Record<string, Value> | null)?.[name] ?? null),
    )
  );
  return arrow.makeData({ type: arrowType(type) as arrow.Struct, length, ...nulls, children });
}

/** Texts end to end in one buffer, encoded straight into it. */
function textData(
  values: readonly (string | Uint8Array | null)[],
  nulls: { nullCount: number; nullBitmap?: Uint8Array },
): arrow.Data {
  let capacity = 0;
  for (const value of values) {
    if (value !== null) capacity += typeof value === "string" ? value.length * 3 : value.length;
  }
  const buffer = new Uint8Array(capacity);
  const valueOffsets = new Int32Array(values.length + 1);
  let end = 0;
  values.forEach((value, index) => {
    if (typeof value === "string") {
      end += encoder.encodeInto(value, buffer.subarray(end)).written;
    } else if (value !== null) {
      buffer.set(value, end);
      end += value.length;
    }
    valueOffsets[index + 1] = end;
  });
  const data = buffer.subarray(0, end);
  return arrow.makeData({
    type: new arrow.Utf8(),
    length: values.length,
    ...nulls,
    valueOffsets,
    data,
  });
}

function nullsOf(values: readonly Value[]): { nullCount: number; nullBitmap?: Uint8Array } {
  let nullCount = 0;
  for (const value of values) if (value === null) nullCount++;
  if (nullCount === 0) return { nullCount };
  return { nullCount, nullBitmap: bits(values.length, (index) => values[index] !== null) };
}

/** One bit a row, least significant first, padded as Arrow wants. */
function bits(length: number, isSet: (index: number) => boolean): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let index = 0; index < length; index++) {
    if (isSet(index)) bytes[index >> 3]! |= 1 << (index & 7);
  }
  return bytes;
}

const encoder = new TextEncoder();
