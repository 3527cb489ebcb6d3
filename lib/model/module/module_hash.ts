/** What tells a file of code from another: its text, and the text of the files beside it that it imports. */
import { dirname, relative, resolve } from "node:path";
import { canonicalJson, sha256 } from "../../core/canonical.ts";
import { fileError } from "../../io/disk/bytes.ts";

/** Imports by a path, static or not. */
const IMPORTED = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/**
 * A hash over a module and all that it imports by relative paths, those files' own imports too. A
 * path that no file stands at is left out: it may be words of a comment.
 *
 * @throws {InputError} where the file itself cannot be read.
 */
export async function moduleHash(path: string): Promise<string> {
  const own = await Deno.readTextFile(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
  const texts = new Map<string, string>([[path, own]]);
  for (const [from, text] of texts) {
    for (const [, specifier] of text.matchAll(IMPORTED)) {
      const to = resolve(dirname(from), specifier!);
      if (texts.has(to)) continue;
      const imported = await Deno.readTextFile(to).catch(() => undefined);
      if (imported !== undefined) texts.set(to, imported);
    }
  }
  const folder = dirname(path);
  const named = [...texts].map(([file, text]) => [relative(folder, file), sha256(text)] as const);
  return sha256(canonicalJson(Object.fromEntries(named)));
}
