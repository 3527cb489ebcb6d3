/** What was found out about a dataset's training, kept in its folder beside the card. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { isFile } from "../../core/file_kind.ts";
import { hashFile } from "../disk/hash_file.ts";
import { readJsonFile } from "../disk/json_file.ts";
import { writeJson } from "../disk/write_whole.ts";

/** The file's name. It is no part of the manifest: it tells of what the manifest names. */
export const TRAINING_FILE = "training.json";

/** A section of a card or a report: a table with a heading row, and a sentence a line. */
export const CardSection = z.object({
  title: z.string(),
  table: z.array(z.array(z.string())).min(1),
  lines: z.array(z.string()),
});
export type CardSection = z.output<typeof CardSection>;

const TrainingFile = z.object({
  /** Hash of the manifest of the dataset that was checked. */
  manifest: z.string(),
  sections: z.array(CardSection),
});

/** Keeps sections in a dataset's folder. Throws `InputError` where no builder made it. */
export async function writeTrainingFile(
  folder: string,
  sections: readonly CardSection[],
): Promise<string> {
  const manifest = await manifestHash(folder);
  if (manifest === null) throw new InputError(`${folder}: no manifest.json: no builder's dataset`);
  const path = join(folder, TRAINING_FILE);
  writeJson(path, { manifest, sections });
  return path;
}

/** The sections that were kept of a dataset; none where it has been built anew since. */
export async function readTrainingFile(folder: string): Promise<CardSection[]> {
  const data = readJsonFile(join(folder, TRAINING_FILE), TrainingFile);
  if (data === undefined) return [];
  return data.manifest === await manifestHash(folder) ? data.sections : [];
}

/** Of the dataset's folder, or of the build that it is one of the datasets of. */
async function manifestHash(folder: string): Promise<string | null> {
  const paths = [folder, dirname(folder)].map((place) => join(place, "manifest.json"));
  const path = paths.find(isFile);
  return path === undefined ? null : await hashFile(path);
}
