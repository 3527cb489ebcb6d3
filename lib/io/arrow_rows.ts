/** Rows of Arrow stream files, as a Hugging Face `save_to_disk` folder holds them. */
import { RecordBatchReader } from "apache-arrow";
import { InputError, messageOf } from "../core/errors.ts";
import { readBytes } from "./bytes.ts";

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
    const reader = await RecordBatchReader.from(readBytes(path, options));
    await reader.open();
    if (reader.schema === undefined) throw new InputError(`${path}: not an Arrow stream file`);
    for await (const batch of reader) {
      for (let index = 0; index < batch.numRows; index++) {
        yield plain(batch.get(index)) as Record<string, unknown>;
      }
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof InputError
      ? error
      : new InputError(`${path}: not a sound Arrow stream file: ${messageOf(error)}`);
  }
}

/** Arrow's rows and vectors as JSON-like values. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (Symbol.iterator in value && !("toJSON" in value && !("length" in value))) {
    return Array.from(value as Iterable<unknown>, plain);
  }
  const json = "toJSON" in value ? (value as { toJSON(): unknown }).toJSON() : value;
  return Object.fromEntries(
    Object.entries(json as object).map(([key, field]) => [key, plain(field)]),
  );
}
