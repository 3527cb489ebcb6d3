/** The hash that a manifest holds of a file. */
import { createHash } from "node:crypto";
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
  const chunk = new Uint8Array(1 << 20);
  try {
    using file = await Deno.open(path, { read: true });
    for (let count = file.readSync(chunk); count !== null; count = file.readSync(chunk)) {
      options.signal?.throwIfAborted();
      hash.update(chunk.subarray(0, count));
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw fileError(path, error);
  }
  return hash.digest("hex");
}
