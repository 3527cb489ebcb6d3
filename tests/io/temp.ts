/** A folder for one test, removed after it, and helpers to fill and read it. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { InputError } from "../../lib/core/errors.ts";

/** Runs a test with a folder of its own. */
export async function inTemp(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "thinkset-io-" });
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Writes a file (text, bytes, or JSON for anything else) and returns its path. */
export async function put(path: string, content: unknown): Promise<string> {
  await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
  if (content instanceof Uint8Array) await Deno.writeFile(path, content);
  else {await Deno.writeTextFile(
      path,
      typeof content === "string" ? content : JSON.stringify(content),
    );}
  return path;
}

/** Gzip bytes of a text. */
export function zipped(text: string | Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(text));
}

/** All that an async iterable yields. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(items);
}

/** Reading ends in an `InputError` of one line that holds every given part. */
export async function refuses(items: AsyncIterable<unknown>, ...parts: string[]): Promise<void> {
  await assert.rejects(all(items), (error: unknown) => {
    assert.ok(error instanceof InputError, `an InputError, not ${error}`);
    assert.ok(!error.message.includes("\n"), `one line: ${error.message}`);
    for (const part of parts) {
      assert.ok(error.message.includes(part), `“${error.message}” must hold “${part}”`);
    }
    return true;
  });
}
