/** The hash that a manifest holds of a file. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
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
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      options.signal?.throwIfAborted();
      hash.update(chunk);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(path, error);
  }
  return hash.digest("hex");
}
