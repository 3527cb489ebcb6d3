/** Columns of JSON (`datasets.Json`): text in the file, and what it says in a row. */
import { jsonValue } from "../../core/json_value.ts";
import { readAt } from "../disk/read_at.ts";

/** The names among features, as `datasets` writes them into a file's metadata under `huggingface`. */
export function jsonColumns(huggingface: string | null | undefined): string[] {
  if (!huggingface?.includes('"Json"')) return [];
  try {
    const { info: { features } } = JSON.parse(huggingface);
    return Object.keys(features).filter((name) => holdsJson(features[name]));
  } catch {
    return [];
  }
}

function holdsJson(feature: { _type?: string; feature?: { _type?: string } } | null): boolean {
  return feature?._type === "Json" ||
    feature?._type === "List" && feature.feature?._type === "Json";
}

/** The row with what its texts of JSON say; one that is no JSON stays as it is. */
export function withJson(row: Record<string, unknown>, names: readonly string[]) {
  for (const name of names) {
    const value = row[name];
    row[name] = Array.isArray(value) ? value.map(parsed) : parsed(value);
  }
  return row;
}

function parsed(value: unknown): unknown {
  const said = typeof value === "string" ? jsonValue(value) : undefined;
  return said === undefined ? value : said;
}

/** Those that a file's metadata names, which is looked through, not followed. */
export function jsonColumnsIn(metadata: Uint8Array): string[] {
  const text = new TextDecoder().decode(metadata);
  if (!text.includes("huggingface") || !text.includes('"Json"')) return [];
  // Arrow's metadata may have the value before its key.
  const begin = text.search(/\{"info"\s*:/);
  if (begin < 0) return [];
  return jsonColumns(objectAt(text, begin));
}

/** More than the metadata of any dataset's file takes. */
const MOST_FOOTER = 64 << 20;

/** Those of a Parquet file, by its footer. */
export function jsonColumnsOfParquet(path: string): string[] {
  using file = Deno.openSync(path, { read: true });
  const { size } = file.statSync();
  const end = new Uint8Array(8);
  readAt(file, end, { offset: size - 8, path });
  const length = new DataView(end.buffer).getUint32(0, true);
  if (length > Math.min(MOST_FOOTER, size - 8)) return [];
  const footer = new Uint8Array(length);
  readAt(file, footer, { offset: size - 8 - length, path });
  return jsonColumnsIn(footer);
}

/** The JSON object that begins at a place, as text. */
function objectAt(text: string, begin: number): string | null {
  for (let at = begin, depth = 0, quoted = false; at < text.length; at++) {
    const sign = text[at];
    if (quoted && sign === "\\") at++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === "{") depth++;
    else if (!quoted && sign === "}" && --depth === 0) return text.slice(begin, at + 1);
  }
  return null;
}
