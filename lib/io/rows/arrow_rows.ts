/** Rows of Arrow files, as a Hugging Face `save_to_disk` folder holds them. */
import { Buffer } from "node:buffer";
import pl, { type LazyDataFrame } from "nodejs-polars";
import { InputError, messageOf } from "../../core/errors.ts";
import { fileError } from "../disk/bytes.ts";
import { arrowFile, arrowMessages, reading } from "./arrow_messages.ts";
import { columnsOfFrame, type FrameColumns, rowsOfFrame } from "./frame_rows.ts";
import { jsonColumnsIn } from "./json_columns.ts";

/** Batches of about so many bytes are decoded at once, or one that is larger. */
const DECODED_BYTES = 8 << 20;

/**
 * Streams the rows of a file in Arrow's stream or file format as plain objects: a stream some record
 * batches at a time, a file in the file format as a whole.
 *
 * @throws {InputError} where the file cannot be read or is no sound Arrow stream.
 */
export async function* readArrowRows(
  path: string,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<Record<string, unknown>> {
  using file = await Deno.open(path, { read: true }).catch((error) => {
    throw fileError(path, error);
  });
  try {
    let columns: FrameColumns | undefined;
    for (const { frame, metadata } of partsOf(file, path)) {
      options.signal?.throwIfAborted();
      columns ??= columnsOfFrame(frame, jsonColumnsIn(metadata));
      yield* rowsOfFrame(frame, columns);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error instanceof InputError
      ? error
      : new InputError(`${path}: not a sound Arrow stream file: ${messageOf(error)}`);
  }
}

/** A frame, and what names its columns of JSON. */
interface Part {
  frame: LazyDataFrame;
  metadata: Uint8Array;
}

/**
 * The frames that together hold a file's rows. Of a stream each is read from some of the batches,
 * behind the schema and the dictionaries so far.
 */
function* partsOf(file: Deno.FsFile, path: string): Generator<Part> {
  const { size, read } = reading(file, path);
  const whole = arrowFile(size, read);
  if (whole !== null) {
    dropExtensions(whole.footer);
    const frame = pl.readIPC(Buffer.from(whole.bytes.buffer)).lazy();
    yield { frame, metadata: whole.footer };
    return;
  }
  const head: Uint8Array[] = [];
  let batches: Uint8Array[] = [], held = 0, isFirst = true;
  const part = () => {
    const frame = pl.readIPCStream(Buffer.concat([...head, ...batches])).lazy();
    [batches, held, isFirst] = [[], 0, false];
    return { frame, metadata: head[0] ?? new Uint8Array() };
  };
  for (const { bytes, isBatch } of arrowMessages(size, read)) {
    if (isBatch) {
      batches.push(bytes);
      held += bytes.length;
      if (held >= DECODED_BYTES) yield part();
    } else {
      // A dictionary may take the place of an earlier one.
      if (batches.length > 0) yield part();
      if (head.length === 0) dropExtensions(bytes);
      head.push(bytes);
    }
  }
  if (batches.length > 0 || isFirst) yield part();
}

/** The key by which a field's metadata names an extension type, such as `arrow.json`. */
const EXTENSION = "ARROW:extension:name";

/** Polars refuses extension types: under another key, in place, their columns are what holds them. */
function dropExtensions(schema: Uint8Array): void {
  const bytes = Buffer.from(schema.buffer, schema.byteOffset, schema.length);
  for (let at = bytes.indexOf(EXTENSION); at >= 0; at = bytes.indexOf(EXTENSION, at)) {
    bytes.write("arrow", at);
  }
}
