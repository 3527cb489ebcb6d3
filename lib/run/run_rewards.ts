/** The reward models of scored runs, as their manifests tell of them. */
import { join } from "node:path";
import type { ModelIdentity } from "../core/manifest.ts";
import { readManifest } from "./run_files.ts";

/** Each model once; none for files that no run left. Throws `InputError` for a broken manifest. */
export function rewardsOfRuns(
  paths: readonly string[],
): Pick<ModelIdentity, "name" | "version">[] {
  const found = new Map<string, Pick<ModelIdentity, "name" | "version">>();
  for (const path of paths) {
    if (!isFolder(path)) continue;
    const identities = readManifest(join(path, "manifest.json"))?.identities?.rewardModel ?? [];
    for (const { name, version } of [identities].flat()) {
      found.set(`${name}@${version}`, { name, version });
    }
  }
  return [...found.values()];
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
