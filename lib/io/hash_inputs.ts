/** The files behind an input, with their hashes, as a manifest lists them. */
import { hashFile } from "./hash_file.ts";
import { inputFiles, type InputFilesOptions, type InputPaths } from "./input_files.ts";

/** Hashes every file of an input, in reading order. Throws `InputError`. */
export async function hashInputs(
  paths: InputPaths,
  options: InputFilesOptions = {},
): Promise<{ path: string; sha256: string }[]> {
  const entries: { path: string; sha256: string }[] = [];
  for (const file of await inputFiles(paths, options)) {
    entries.push({ path: file.path, sha256: await hashFile(file.path) });
  }
  return entries;
}
