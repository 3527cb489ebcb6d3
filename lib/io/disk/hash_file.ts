/** The hash that a manifest holds of a file. */
import { createHash, type Hash } from "node:crypto";
import { fileError } from "./bytes.ts";

/**
 * SHA-256 of a file's bytes as they lie on disk, in 64 lower-case hex digits; streamed.
 *
 * @throws {InputError} where the file cannot be read.
 */
export async function hashFile(
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash("sha256"), chunk = new Uint8Array(1 << 20);
  try {
    using file = await Deno.open(path, { read: true });
    // Signals and timers go on meanwhile: weights take their time.
    for (let count; (count = await file.read(chunk)) !== null;) {
      options.signal?.throwIfAborted();
      hash.update(chunk.subarray(0, count));
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(path, error);
  }
  return hash.digest("hex");
}

/** Hashes of files that are taken while these are read for their rows, so that each is read once. */
export class ReadHashes {
  readonly #files = new Map<string, { hash: Hash; bytes: number; digest?: string }>();

  /** Takes the next chunk of a file; one file is to be read in this way once. */
  readonly add = (path: string, chunk: Uint8Array): void => {
    let file = this.#files.get(path);
    if (file === undefined) this.#files.set(path, file = { hash: createHash("sha256"), bytes: 0 });
    file.hash.update(chunk);
    file.bytes += chunk.length;
  };

  /**
   * SHA-256 of a file: of its chunks where they are all of it, else it is read for it.
   *
   * @throws {InputError} where the file cannot be read.
   */
  async of(path: string, options: { signal?: AbortSignal } = {}): Promise<string> {
    const file = this.#files.get(path);
    const size = await Deno.stat(path).then((info) => info.size, () => -1);
    if (file === undefined || file.bytes !== size) return await hashFile(path, options);
    return file.digest ??= file.hash.digest("hex");
  }
}
