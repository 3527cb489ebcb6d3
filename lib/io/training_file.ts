/** What was found out about a dataset's training, kept in its folder beside the card. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError, messageOf } from "../core/errors.ts";
import { hashFile } from "./hash_file.ts";
import { writeJson } from "./write_whole.ts";

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
  await writeJson(path, { manifest, sections });
  return path;
}

/** The sections that were kept of a dataset; none where it has been built anew since. */
export async function readTrainingFile(folder: string): Promise<CardSection[]> {
  const path = join(folder, TRAINING_FILE);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return [];
    throw new InputError(`${path}: cannot be read: ${messageOf(error)}`);
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: not JSON: ${messageOf(error)}`);
  }
  const { data } = TrainingFile.safeParse(given);
  if (data === undefined) throw new InputError(`${path}: not as check-training writes it`);
  return data.manifest === await manifestHash(folder) ? data.sections : [];
}

/** Of the dataset's folder, or of the build that it is one of the datasets of. */
async function manifestHash(folder: string): Promise<string | null> {
  for (const place of [folder, dirname(folder)]) {
    const path = join(place, "manifest.json");
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return hashFile(path);
  }
  return null;
}
