/** What stands at OUT before a build: nothing, or a dataset of the same builder. */
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { isFile } from "../../core/file_kind.ts";
import type { Manifest } from "../../core/manifest.ts";
import { readManifest } from "../../io/records/manifest_file.ts";

/** The manifest of the dataset that stands at OUT, if one does. Throws `InputError` for all else. */
export function existingDataset(
  { out, stage }: { out: string; stage: string },
): Manifest | undefined {
  let names: string[];
  try {
    names = [...Deno.readDirSync(out)].map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new InputError(`${out}: cannot be a dataset's folder: ${(error as Error).message}`);
  }
  if (names.length === 0) return undefined;
  const manifest = readManifest(join(out, "manifest.json"));
  if (manifest === undefined) {
    throw new InputError(
      `${out}: stands there already, and no builder made it: choose another --out`,
    );
  }
  if (manifest.stage !== stage) {
    throw new InputError(`${out}: holds a ${manifest.stage} run: choose another --out`);
  }
  return manifest;
}

/** Whether the dataset is of this fingerprint and of inputs of these hashes, with all its files there. */
export function isSameDataset(
  out: string,
  existing: Manifest,
  made: { fingerprint: string; inputs: readonly { sha256: string }[] },
): boolean {
  const hashes = (inputs: readonly { sha256: string }[]) => inputs.map((it) => it.sha256).join();
  return existing.fingerprint === made.fingerprint &&
    hashes(existing.inputs) === hashes(made.inputs) &&
    existing.outputs.every((file) => isFile(join(out, file.path)));
}
