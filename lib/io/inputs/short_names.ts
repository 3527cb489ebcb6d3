/** Short names of paths that are shown beside each other. */
import { basename, dirname, join } from "node:path";

/** Each path's last part, or its last two where those would be equal, or the whole. */
export function shortNames(paths: readonly string[]): string[] {
  const last = paths.map((path) => basename(path) || path);
  const two = paths.map((path) => join(basename(dirname(path)), basename(path)));
  return [last, two].find((names) => new Set(names).size === names.length) ?? [...paths];
}
