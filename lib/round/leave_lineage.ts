/** Says in a trained model's folder what it comes from, and puts back what its trainer did not save. */
import { join, resolve } from "node:path";
import { isFile } from "../core/file_kind.ts";
import { type Lineage, LINEAGE_FILE } from "../core/lineage.ts";
import { folderIdentity } from "../io/disk/folder_identity.ts";
import { hashFile } from "../io/disk/hash_file.ts";

/** What a prompted model has beside what trainers save. */
const PROMPTED = ["stop.txt", "longcot_config.json"];

/**
 * Leaves FOLDER/lineage.json, as `scripts/export_onnx/lineage.py` does. One that the trainer left
 * stays where it names this model; a copy of the model's own does not.
 */
export async function leaveLineage(
  folder: string,
  { model, dataset, madeBy }: { model: string; dataset?: string; madeBy: string },
): Promise<void> {
  const file = join(folder, LINEAGE_FILE), { weights } = await folderIdentity(model);
  if (await sourceOf(file) !== weights) {
    const manifest = dataset && join(dataset, "manifest.json");
    const lineage: Lineage = {
      made_by: madeBy,
      source: { path: resolve(model), weights: weights ?? "" },
      ...(manifest && { dataset: { path: resolve(dataset), manifest: await hashFile(manifest) } }),
    };
    await Deno.writeTextFile(file, JSON.stringify(lineage, null, 2) + "\n");
  }
  for (const name of PROMPTED) {
    if (isFile(join(folder, name)) || !isFile(join(model, name))) continue;
    await Deno.copyFile(join(model, name), join(folder, name));
  }
}

/** The weights that a lineage names as its source. */
async function sourceOf(file: string): Promise<string | undefined> {
  const text = await Deno.readTextFile(file).catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text)?.source?.weights;
}
