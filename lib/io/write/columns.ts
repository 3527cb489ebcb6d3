/** Column types of datasets. */

/** A column's type, in the few kinds that every reader of Parquet and Arrow loads alike. */
export type ColumnType =
  | "string"
  | "float64"
  | "int64"
  | "bool"
  /** JSON text, which `datasets` reads as what it says (`datasets.Json`, 5.0 and later). */
  | "json"
  | { list: ColumnType }
  | { struct: Readonly<Record<string, ColumnType>> };

/** A dataset's columns, by name, in order. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** A value of a column; text may come as its UTF-8 bytes, and anything may be null. */
export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [field: string]: Value };

/** A chat: a list of turns, as Hugging Face trainers read them. */
export const MESSAGES: ColumnType = { list: { struct: { role: "string", content: "string" } } };

/** The columns as `datasets.Features` writes itself to JSON. */
export function hfFeatures(columns: Columns): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, type]) => [name, hfFeature(type)]),
  );
}

function hfFeature(type: ColumnType): unknown {
  if (type === "json") return { _type: "Json" };
  if (typeof type === "string") return { dtype: type, _type: "Value" };
  if ("list" in type) return { feature: hfFeature(type.list), _type: "List" };
  return hfFeatures(type.struct);
}
