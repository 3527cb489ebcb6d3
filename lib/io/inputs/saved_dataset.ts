/** The Arrow files of a folder that Hugging Face's `save_to_disk` wrote. */
import { basename, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { readJsonFile } from "../disk/json_file.ts";
import { chosenSplit } from "./splits.ts";

const Splits = z.object({ splits: z.array(z.string()).min(1) });
const State = z.object({ _data_files: z.array(z.object({ filename: z.string() })).min(1) });

/** A `DatasetDict`'s files, by its list of splits. Throws `InputError`. */
export function savedSplits(path: string, split: string | undefined): string[] {
  const { splits } = read(join(path, "dataset_dict.json"), Splits);
  return chosenSplit(path, splits, (name) => name, split)
    .flatMap((name) => savedDataset(join(path, name)));
}

/** A `Dataset`'s files. Throws `InputError`. */
export function savedDataset(path: string): string[] {
  const where = join(path, "state.json");
  return read(where, State)._data_files.map(({ filename }) => {
    if (filename !== basename(filename)) {
      throw new InputError(`${where}: _data_files: must be names of files in the folder`);
    }
    return join(path, filename);
  });
}

function read<T>(path: string, schema: z.ZodType<T>): T {
  const found = readJsonFile(path, schema);
  if (found === undefined) throw new InputError(`${path}: no such file or folder`);
  return found;
}
