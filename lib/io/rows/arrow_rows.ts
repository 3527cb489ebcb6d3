/** Rows of Arrow stream files, as a Hugging Face `save_to_disk` folder holds them. */
import { type Data, DataType, MapRow, RecordBatchReader, StructRow, Vector } from "apache-arrow";
import { InputError, messageOf } from "../../core/errors.ts";
import { checkedArrow } from "./arrow_messages.ts";
import { readBytes } from "../disk/bytes.ts";
import { jsonColumns, withJson } from "./json_columns.ts";

/**
 * Streams the rows of a file in Arrow's stream format as plain objects, a record batch at a time.
 * 64-bit integers become numbers where those hold them exactly, else text.
 *
 * @throws {InputError} where the file cannot be read or is no sound Arrow stream.
 */
export async function* readArrowRows(
  path: string,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<Record<string, unknown>> {
  try {
    const reader = await RecordBatchReader.from(checkedArrow(path, readBytes(path, options)));
    await reader.open();
    if (reader.schema === undefined) throw new InputError(`${path}: not an Arrow stream file`);
    const json = jsonColumns(reader.schema.metadata.get("huggingface"));
    for await (const batch of reader) {
      for (const row of valuesOf(batch.data) as Record<string, unknown>[]) {
        yield withJson(row, json);
      }
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof InputError
      ? error
      : new InputError(`${path}: not a sound Arrow stream file: ${messageOf(error)}`);
  }
}

/** A column as JSON-like values: lists and structs column by column, which is what makes it fast. */
function valuesOf(data: Data): unknown[] {
  const { length } = data;
  if (DataType.isStruct(data.type)) {
    const names = data.type.children.map((field) => field.name);
    const columns = data.children.map(valuesOf);
    return Array.from({ length }, (_, row) => {
      if (!data.getValid(row)) return null;
      return Object.fromEntries(names.map((name, index) => [name, columns[index]![row]]));
    });
  }
  // Lists of every kind are cut out of their items, so that wrong offsets give none that are not.
  if (DataType.isList(data.type) || DataType.isLargeList(data.type) || DataType.isMap(data.type)) {
    const items = valuesOf(data.children[0]!);
    const offsets: ArrayLike<number | bigint> = data.valueOffsets;
    const isMap = DataType.isMap(data.type);
    return Array.from({ length }, (_, row) => {
      if (!data.getValid(row)) return null;
      const own = items.slice(Number(offsets[row]), Number(offsets[row + 1]));
      return isMap ? objectOf(own) : own;
    });
  }
  if (DataType.isFixedSizeList(data.type)) {
    const items = valuesOf(data.children[0]!), { listSize } = data.type;
    return Array.from({ length }, (_, row) => {
      return data.getValid(row) ? items.slice(row * listSize, (row + 1) * listSize) : null;
    });
  }
  const vector = new Vector([data]);
  return Array.from({ length }, (_, row) => plain(vector.get(row)));
}

/** A map's entries, of a name and a value each, as an object. */
function objectOf(entries: unknown[]): Record<string, unknown> {
  return Object.fromEntries(entries.map((entry) => {
    const [name, value] = Object.values(entry ?? {});
    return [String(name), value];
  }));
}

/** A single value, of a list or struct of another kind too, without Arrow's own classes. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Vector) return Array.from(value, plain);
  if (value instanceof StructRow || value instanceof MapRow) {
    return Object.fromEntries(Array.from(value, ([name, field]) => [String(name), plain(field)]));
  }
  return value;
}
