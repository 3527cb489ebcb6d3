/** The Arrow files of a folder that Hugging Face's `save_to_disk` wrote. */
import { basename, join } from "node:path";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { readJsonFile } from "./folder.ts";
import { chosenSplit } from "./splits.ts";

/** A `DatasetDict`'s files, by its list of splits. Throws `InputError`. */
export async function savedSplits(path: string, split: string | undefined): Promise<string[]> {
  const dict = z.object({ splits: z.array(z.string()).min(1) })
    .safeParse(await readJsonFile(join(path, "dataset_dict.json")));
  if (!dict.success) {
    throw new InputError(`${path}/dataset_dict.json: splits: must be a list of names`);
  }
  const files: string[] = [];
  for (const name of chosenSplit(path, dict.data.splits, (name) => name, split)) {
    files.push(...await savedDataset(join(path, name)));
  }
  return files;
}

/** A `Dataset`'s files. Throws `InputError`. */
export async function savedDataset(path: string): Promise<string[]> {
  const where = join(path, "state.json");
  const state = z.object({ _data_files: z.array(z.object({ filename: z.string() })).min(1) })
    .safeParse(await readJsonFile(where));
  if (!state.success) throw new InputError(`${where}: _data_files: must be a list of file names`);
  return state.data._data_files.map(({ filename }) => {
    if (filename !== basename(filename)) {
      throw new InputError(`${where}: _data_files: must be names of files in the folder`);
    }
    return join(path, filename);
  });
}
