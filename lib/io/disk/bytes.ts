/** The bytes of a file, gunzipped where it is gzip, with errors that a user can act on. */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { InputError, messageOf } from "../../core/errors.ts";

const CHUNK = 1 << 20;

/** Options of {@link readBytes}. */
export interface ReadBytesOptions {
  /** Ends the reading. */
  signal?: AbortSignal;
  /** Is shown each chunk of a file that is not gzip, in order, before the reader gets it. */
  onChunk?: (path: string, chunk: Uint8Array) => void;
  /** A chunk of a file that is not gzip may be overwritten once the next is asked for. */
  reuse?: boolean;
}

/**
 * Streams a file's bytes in chunks, gunzipped where its name ends in `.gz` or its first two bytes
 * are gzip's. A chunk is the caller's to keep, except with `reuse`.
 *
 * @throws {InputError} where the file is absent, unreadable, a folder, or a broken or truncated gzip.
 */
export async function* readBytes(
  path: string,
  options: ReadBytesOptions = {},
): AsyncGenerator<Uint8Array> {
  yield* await isGzip(path) ? readZipped(path, options) : readPlain(path, options);
}

/** Not by node's streams, which take several times the processor's time. */
async function* readPlain(
  path: string,
  options: ReadBytesOptions,
): AsyncGenerator<Uint8Array> {
  try {
    using file = await Deno.open(path, { read: true });
    let chunk = new Uint8Array(CHUNK);
    while (true) {
      if (!options.reuse) chunk = new Uint8Array(CHUNK);
      const count = file.readSync(chunk);
      options.signal?.throwIfAborted();
      if (count === null) return;
      const bytes = chunk.subarray(0, count);
      options.onChunk?.(path, bytes);
      yield bytes;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(path, error);
  }
}

async function* readZipped(
  path: string,
  options: { signal?: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const stream = file.pipe(createGunzip({ chunkSize: CHUNK }));
  file.on("error", (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) {
      options.signal?.throwIfAborted();
      yield chunk as Uint8Array;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw gzipError(path, error);
  } finally {
    stream.destroy();
    file.destroy();
  }
}

/** A small file's text. Throws `InputError`. */
export async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw fileError(path, error);
  }
}

/** The error for a file that could not be opened or read, in one line that names it. */
export function fileError(path: string, error: unknown): Error {
  if (error instanceof InputError) return error;
  const code = (error as { code?: string } | null)?.code;
  if (error instanceof Deno.errors.NotFound || code === "ENOENT") {
    return new InputError(`${path}: no such file or folder`);
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new InputError(`${path}: Deno was not given the permission to read it`);
  }
  if (error instanceof Deno.errors.PermissionDenied || code === "EACCES" || code === "EPERM") {
    return new InputError(`${path}: no permission to read it`);
  }
  if (error instanceof Deno.errors.IsADirectory || code === "EISDIR") {
    return new InputError(`${path}: a folder, where a file is needed`);
  }
  if (error instanceof Deno.errors.NotADirectory || code === "ENOTDIR") {
    return new InputError(`${path}: no such file or folder`);
  }
  return new InputError(`${path}: cannot be read: ${messageOf(error)}`);
}

async function isGzip(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path, { read: true });
    const head = new Uint8Array(2);
    const count = await file.read(head);
    if (path.endsWith(".gz")) return true;
    return count === 2 && head[0] === 0x1f && head[1] === 0x8b;
  } catch (error) {
    throw fileError(path, error);
  }
}

function gzipError(path: string, error: unknown): Error {
  const code = (error as { code?: string } | null)?.code ?? "";
  const message = messageOf(error);
  if (/unexpected end/i.test(message)) {
    return new InputError(`${path}: the gzip file is cut short`);
  }
  if (code.startsWith("Z_") || /incorrect header|invalid/i.test(message)) {
    return new InputError(`${path}: not a sound gzip file: ${message}`);
  }
  return fileError(path, error);
}
