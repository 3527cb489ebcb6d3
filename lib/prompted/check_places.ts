/** Refuses an OUT that would harm the model or something else of the user's. */
import { basename, dirname, join, relative, resolve } from "node:path";
import { InputError, messageOf } from "../core/errors.ts";

/** The file by which a folder is known as a prompted model, which alone `--overwrite` replaces. */
const MARK_FILE = "longcot_config.json";

/**
 * Checks that a prompted model may be made at `out`: not within the model's folder nor around it,
 * and not there yet, or, with `overwrite`, a prompted model. Throws `InputError`.
 */
export async function checkPlaces(model: string, out: string, overwrite: boolean): Promise<void> {
  const from = await Deno.realPath(model), to = await realPlace(out);
  if (to === from) throw new InputError(`--out ${out}: the model's own folder`);
  if (isWithin(to, from)) throw new InputError(`--out ${out}: inside the model's folder ${model}`);
  if (isWithin(from, to)) throw new InputError(`--out ${out}: holds the model's folder ${model}`);
  const info = await lstat(out);
  if (info === null) return;
  if (!overwrite) throw new InputError(`--out ${out}: exists already (--overwrite replaces it)`);
  if (await lstat(join(out, MARK_FILE)) === null) {
    throw new InputError(
      `--out ${out}: not a prompted model (no ${MARK_FILE}), so it is not overwritten`,
    );
  }
}

/** The path that `path` will really have: its existing part resolved. */
async function realPlace(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await Deno.realPath(absolute);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new InputError(`${path}: cannot be read: ${messageOf(error)}`);
    }
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(await realPlace(parent), basename(absolute));
  }
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith("../");
}

async function lstat(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new InputError(`${path}: cannot be read: ${messageOf(error)}`);
  }
}
