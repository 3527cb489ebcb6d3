/** Puts a model's files into a new folder without reading them. */
import { join, relative } from "node:path";
import { InputError, messageOf, RunError } from "../core/errors.ts";

/** How weights get into the new folder. */
export type WeightsMode = "copy" | "hardlink" | "symlink";

/** Files that hold weights, by their ends: these alone are linked when asked. */
const weights =
  /\.(?:safetensors|bin|pt|pth|ckpt|h5|msgpack|gguf|onnx|onnx[._]data(?:_\d+)?|npz)$/i;

/** A file of a folder: its place within, and the file it really is (hub caches hold links). */
export interface FolderFile {
  name: string;
  real: string;
}

/**
 * Every file under a folder, links followed, sorted by name; a `.git` folder is left out. Throws
 * `InputError` for a broken link, a link to a folder that holds it, and what is no file.
 */
export async function filesIn(dir: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  const visit = async (folder: string, above: string[]) => {
    const real = await Deno.realPath(folder);
    if (above.includes(real)) throw new InputError(`${folder}: a link to a folder that holds it`);
    for await (const entry of Deno.readDir(folder)) {
      if (entry.name === ".git") continue;
      const path = join(folder, entry.name);
      const info = await Deno.stat(path).catch((error) => {
        if (error instanceof Deno.errors.NotFound && entry.isSymlink) {
          throw new InputError(`${path}: a broken link`);
        }
        throw error;
      });
      if (info.isDirectory) await visit(path, [...above, real]);
      else if (info.isFile) {
        files.push({ name: relative(dir, path), real: await Deno.realPath(path) });
      } else throw new InputError(`${path}: neither a file nor a folder`);
    }
  };
  try {
    await visit(dir, []);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${dir}: cannot be read: ${messageOf(error)}`);
  }
  return files.sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * Puts one file at `to`. The system copies it, so that file systems that can share the blocks do;
 * with `hardlink` or `symlink` weights are linked instead. Throws `InputError` where they cannot be.
 */
export async function putFile(file: FolderFile, to: string, mode: WeightsMode): Promise<void> {
  const link = mode !== "copy" && weights.test(file.name);
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
