/** Rows of a Polars frame as plain objects, with whole numbers as they are. */
import pl, { type DataType, type LazyDataFrame } from "nodejs-polars";
import { messageOf } from "../../core/errors.ts";
import { withJson } from "./json_columns.ts";

/** How the columns of a file become fields of rows. */
export interface FrameColumns {
  select: pl.Expr[];
  /** What makes numbers again of those that are read as text. */
  restore: Map<string, Restore>;
  /** Columns of JSON. */
  json: readonly string[];
}

type Restore = (value: unknown) => unknown;

/**
 * The columns that a row can hold: bytes (pictures, sounds) and half floats are left out, as Polars
 * has no values for them here. Long integers and decimals are read as text, as a number would round
 * what is over 2^53.
 */
export function columnsOfFrame(frame: LazyDataFrame, json: readonly string[]): FrameColumns {
  const restore = new Map<string, Restore>();
  const select = frame.columns.flatMap((name) => {
    const type = typeOf(frame, name);
    if (type === null) return [];
    const exact = exactOf(type);
    if (exact === null) return [pl.col(name)];
    // An id is text anyway.
    if (name !== "id") restore.set(name, exact.restore);
    return [pl.col(name).cast(exact.type)];
  });
  return { select, restore, json };
}

/** The rows of a frame that fits into memory. */
export function* rowsOfFrame(
  frame: LazyDataFrame,
  { select, restore, json }: FrameColumns,
): Generator<Record<string, unknown>> {
  const selected = frame.select(...select).collectSync(), { height } = selected;
  // Of a frame of one row Polars cannot give structs: it is doubled, and one of the two taken.
  const records = (height === 1 ? pl.concat([selected, selected]) : selected).toRecords();
  for (const row of records.slice(0, height) as Record<string, unknown>[]) {
    for (const [name, restored] of restore) row[name] = restored(row[name]);
    yield withJson(row, json);
  }
}

/** A column's type; null for one at which Polars throws. */
function typeOf(frame: LazyDataFrame, column: string): DataType | null {
  try {
    return frame.select(pl.col(column)).slice(0, 0).collectSync().dtypes[0]!;
  } catch (error) {
    if (messageOf(error).includes("not supported for JS conversion")) return null;
    throw error;
  }
}

/** A type with text for long numbers, and the way back; null for a type without them. */
function exactOf(type: DataType): { type: DataType; restore: Restore } | null {
  // What Polars protects: of lists the type of their items, of structs their fields.
  const { inner } = type as unknown as { inner: [DataType] | { name: string; dtype: DataType }[] };
  switch (type.variant) {
    case "Int64":
    case "UInt64":
    case "Decimal":
      return { type: pl.Utf8, restore: numberOrText };
    case "List":
    case "FixedSizeList": {
      const item = exactOf(inner[0] as DataType);
      return item && { type: pl.List(item.type), restore: eachOf(item.restore) };
    }
    case "Struct":
      return exactStruct(inner as { name: string; dtype: DataType }[]);
    default:
      return null;
  }
}

function exactStruct(fields: readonly { name: string; dtype: DataType }[]) {
  const exact = fields.map(({ name, dtype }) => ({ name, dtype, exact: exactOf(dtype) }));
  const changed = exact.flatMap(({ name, exact }) => exact === null ? [] : [{ name, ...exact }]);
  if (changed.length === 0) return null;
  const restore = (value: unknown) => {
    const row = value as Record<string, unknown> | null;
    for (const { name, restore } of row === null ? [] : changed) row![name] = restore(row![name]);
    return row;
  };
  const types = exact.map(({ name, dtype, exact }) => new pl.Field(name, exact?.type ?? dtype));
  return { type: pl.Struct(types), restore };
}

function eachOf(restore: Restore): Restore {
  return (value) => Array.isArray(value) ? value.map(restore) : value;
}

/** A whole number, as text where a number would not hold it exactly; a decimal as a number. */
function numberOrText(text: unknown): unknown {
  const number = text === null ? null : Number(text);
  return number === null || Number.isSafeInteger(number) || String(text).includes(".")
    ? number
    : text;
}
