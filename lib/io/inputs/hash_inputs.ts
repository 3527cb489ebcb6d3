/** The files behind an input, with their hashes, as a manifest lists them. */
import { stampOf } from "../disk/file_stamp.ts";
import { hashFile } from "../disk/hash_file.ts";
import { inputFiles, type InputFilesOptions, type InputPaths } from "./input_files.ts";

/** A file that is read, by its content. */
export interface HashedInput {
  path: string;
  sha256: string;
  /** Its stamp (`stampOf`) from before it was hashed. */
  stamp?: string | null;
}

/** Hashes every file of an input, in reading order. Throws `InputError`. */
export async function hashInputs(
  paths: InputPaths,
  options: InputFilesOptions = {},
): Promise<HashedInput[]> {
  const entries: HashedInput[] = [];
  for (const file of await inputFiles(paths, options)) {
    const stamp = stampOf(file.path);
    const sha256 = file.sha256 ?? await hashFile(file.at ?? file.path);
    entries.push({ path: file.path, sha256, stamp });
  }
  return entries;
}

/** The first file whose content is no longer what was hashed; undefined where all are the same. */
export async function changedInput(inputs: readonly HashedInput[]): Promise<string | undefined> {
  for (const { path, sha256, stamp } of inputs) {
    if (stamp === undefined || stampOf(path) === stamp) continue;
    const now = await hashFile(path).catch(() => undefined);
    if (now !== sha256) return path;
  }
  return undefined;
}
