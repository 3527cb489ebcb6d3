/** Which files of a dataset on the Hub are rows, by its card or by their names, as `datasets` goes. */
import { basename, dirname } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { splitOfName } from "../inputs/splits.ts";

/** A file of a dataset: the configuration and the split that it belongs to, where it has one. */
export interface HubFile {
  path: string;
  config: string;
  split: string | null;
}

const patterns = z.union([z.string(), z.array(z.string())]);
const Card = z.object({
  configs: z.array(z.object({
    config_name: z.coerce.string(),
    data_files: z.union([
      z.array(z.object({ split: z.coerce.string(), path: patterns })),
      patterns,
    ]).optional(),
    data_dir: z.string().optional(),
  })).min(1),
});

/** The configurations that a card's YAML names, or null where it names none that can be read. */
export function cardFiles(card: string, paths: readonly string[]): HubFile[] | null {
  const yaml = /^---\r?\n([^]*?)\r?\n---/.exec(card)?.[1];
  if (yaml === undefined) return null;
  let value: unknown;
  try {
    value = parse(yaml, { maxAliasCount: 10 });
  } catch {
    return null;
  }
  const read = Card.safeParse(value);
  if (!read.success) return null;
  return read.data.configs.flatMap(({ config_name: config, data_files: given, data_dir }) => {
    const files = given ?? (data_dir === undefined ? [] : `${data_dir}/**`);
    const ofSplits = typeof files === "string"
      ? []
      : files.filter((each) => typeof each === "object");
    if (ofSplits.length > 0) {
      return ofSplits.flatMap(({ split, path }) =>
        matching(paths, [path].flat()).map((path) => ({ path, config, split }))
      );
    }
    const plain = [files].flat() as string[];
    return matching(paths, plain).map((path) => ({ path, config, split: splitOfPath(path) }));
  });
}

/** Without a card: a file's folder is its configuration, its name (or folder) tells the split. */
export function namedFiles(paths: readonly string[]): HubFile[] {
  return paths.map((path) => {
    const folders = dirname(path).split("/").filter((part) => part !== "." && part !== "data");
    const split = splitOfPath(path);
    const named = folders.filter((part) => splitOfName(part) === null);
    return { path, config: named.join("/") || "default", split };
  });
}

function splitOfPath(path: string): string | null {
  return splitOfName(basename(path)) ??
    dirname(path).split("/").map(splitOfName).find((split) => split !== null) ?? null;
}

function matching(paths: readonly string[], globs: readonly string[]): string[] {
  return paths.filter((path) => globs.some((glob) => fits(path, glob.replace(/^\.?\//, ""))));
}

/** Whether a path fits a pattern of `*`, `**` and `?`; one that a card wrote, so no regular expression. */
function fits(path: string, glob: string): boolean {
  const reached = new Map<number, boolean>();
  const from = (at: number, of: number): boolean => {
    const key = at * (glob.length + 1) + of;
    const known = reached.get(key);
    if (known !== undefined) return known;
    const answer = step(at, of);
    reached.set(key, answer);
    return answer;
  };
  const step = (at: number, of: number): boolean => {
    if (of === glob.length) return at === path.length;
    if (glob[of] === "*") {
      const deep = glob[of + 1] === "*";
      const rest = of + (deep ? 2 : 1);
      // `**/` is also no folder at all.
      if (deep && glob[rest] === "/" && from(at, rest + 1)) return true;
      if (from(at, rest)) return true;
      return at < path.length && (deep || path[at] !== "/") && from(at + 1, of);
    }
    return at < path.length && (glob[of] === "?" || glob[of] === path[at]) && from(at + 1, of + 1);
  };
  return from(0, 0);
}
