/** The folder that holds several files. */
import { dirname, relative, resolve } from "node:path";

/** The deepest folder that all the paths are in, absolute; the current one without paths. */
export function commonFolder(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => dirname(resolve(path)));
  let folder = first ?? resolve(".");
  for (const other of others) {
    while (relative(folder, other).startsWith("..")) folder = dirname(folder);
  }
  return folder;
}
