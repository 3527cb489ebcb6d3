/** Puts a model's files into a new folder without reading them. */
import { basename, dirname, join, relative, sep } from "node:path";
import { InputError, messageOf, RunError } from "../core/errors.ts";
import { someAtOnce } from "../core/some_at_once.ts";
import { WEIGHT_FILES } from "../io/disk/weight_files.ts";

/** How weights get into the new folder. */
export type WeightsMode = "copy" | "hardlink" | "symlink";

/** A file of a folder: its place within, and the file it really is (hub caches hold links). */
export interface FolderFile {
  name: string;
  real: string;
  size: number;
}

/**
 * Every file under a folder, links followed, sorted by name; a `.git` folder is left out. Throws
 * `InputError` for a broken link, a link that leads out of the folder, a link to a
 * folder that holds it, and what is no file.
 */
export function filesIn(dir: string): FolderFile[] {
  const files: FolderFile[] = [];
  let root: string;
  const visit = (folder: string, above: string[]) => {
    const real = Deno.realPathSync(folder);
    if (above.includes(real)) throw new InputError(`${folder}: a link to a folder that holds it`);
    for (const entry of Deno.readDirSync(folder)) {
      if (entry.name === ".git") continue;
      const path = join(folder, entry.name);
      const { isDirectory, isFile, size } = stat(path, entry);
      if (entry.isSymlink) mustStayWithin(root, path);
      if (isDirectory) visit(path, [...above, real]);
      else if (isFile) {
        files.push({ name: relative(dir, path), real: Deno.realPathSync(path), size });
      } else throw new InputError(`${path}: neither a file nor a folder`);
    }
  };
  try {
    root = Deno.realPathSync(dir);
    visit(dir, []);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${dir}: cannot be read: ${messageOf(error)}`);
  }
  return files.sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * A folder from elsewhere may link to anything that its reader may read: what is copied from it, and
 * pushed later, must not be. A hub's snapshot links to the blobs beside it, and a weight file may be
 * elsewhere (`--weights symlink`), where it is a hub's blob or a weight file by its own name.
 */
function mustStayWithin(root: string, path: string): void {
  const real = Deno.realPathSync(path);
  const homes = [root];
  if (basename(dirname(root)) === "snapshots") homes.push(join(root, "../../blobs"));
  if (homes.some((home) => real === home || real.startsWith(home + sep))) return;
  const weights = WEIGHT_FILES.test(real) || /\/blobs\/[0-9a-f]{40,64}$/.test(real);
  if (WEIGHT_FILES.test(path) && weights) return;
  throw new InputError(
    `${path}: a link that leads out of the folder, to ${real}: put the file itself there, or leave ` +
      `it out`,
  );
}

function stat(path: string, entry: Deno.DirEntry): Deno.FileInfo {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && entry.isSymlink) {
      throw new InputError(`${path}: a broken link`);
    }
    throw error;
  }
}

/** Files copied at once: one copy is bound by a core, as long as the disk keeps up. */
const AT_ONCE = 2;

/**
 * Puts files into the folder `dir`, the largest first, two at a time. Ends when no copy goes on,
 * and throws what one that failed threw (see `putFile`), or the signal's reason.
 */
export async function putFiles(
  files: readonly FolderFile[],
  dir: string,
  mode: WeightsMode,
  signal: AbortSignal,
): Promise<void> {
  const largestFirst = files.toSorted((a, b) => b.size - a.size);
  await someAtOnce(largestFirst, AT_ONCE, async (file) => {
    signal.throwIfAborted();
    const to = join(dir, file.name);
    Deno.mkdirSync(dirname(to), { recursive: true });
    await putFile(file, to, mode);
  });
}

/**
 * Puts one file at `to`. The system copies it, so that file systems that can share the blocks do;
 * with `hardlink` or `symlink` weights are linked instead. Throws `InputError` where they cannot be.
 */
async function putFile(file: FolderFile, to: string, mode: WeightsMode): Promise<void> {
  const link = mode !== "copy" && WEIGHT_FILES.test(file.name);
  try {
    if (!link) await Deno.copyFile(file.real, to);
    else if (mode === "hardlink") await Deno.link(file.real, to);
    else await Deno.symlink(file.real, to);
  } catch (error) {
    const rule = `${file.real}: cannot be ${link ? `${mode}ed` : "copied"}: ${messageOf(error)}`;
    if (link) throw new InputError(`${rule}; try another --weights`);
    throw error instanceof Deno.errors.PermissionDenied ? new InputError(rule) : new RunError(rule);
  }
}
