/** Manifests on disk: read, and found. */
import { join } from "node:path";
import { type Disk, realDisk } from "../../core/disk.ts";
import { InputError, messageOf } from "../../core/errors.ts";
import { Manifest } from "../../core/manifest.ts";
import { readJsonFile } from "../disk/json_file.ts";

/** Reads a manifest; undefined where there is none. Throws `InputError` for one that is broken. */
export function readManifest(path: string, disk: Disk = realDisk): Manifest | undefined {
  return readJsonFile(path, Manifest, disk);
}

/**
 * The folder itself if it holds a manifest, else those below that do, at most four deep.
 *
 * @throws {InputError} where there is no such folder.
 */
export function manifestFolders(root: string, depth = 4): string[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(root)];
  } catch (error) {
    const rule = error instanceof Deno.errors.NotFound ? "no such folder" : messageOf(error);
    throw new InputError(`${root}: ${rule}`);
  }
  if (entries.some(({ isFile, name }) => isFile && name === "manifest.json")) return [root];
  if (depth === 0) return [];
  const inside = entries.filter(({ isDirectory, name }) => isDirectory && !name.startsWith("."));
  return inside.map(({ name }) => name).sort()
    .flatMap((name) => manifestFolders(join(root, name), depth - 1));
}
