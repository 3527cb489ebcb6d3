/** What the manifests of scored runs tell of their rewards. */
import { join } from "node:path";
import { isFolder } from "../core/file_kind.ts";
import type { ModelIdentity } from "../core/manifest.ts";
import { readManifest } from "../io/records/manifest_file.ts";

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

/** Prompts that the runs gave up or have still to do: they are in no record. */
export function missingInRuns(paths: readonly string[]): number {
  const counts = paths.filter(isFolder).map((path) =>
    readManifest(join(path, "manifest.json"))?.counts
  );
  return counts.reduce((sum, each) => sum + (each ? each.rejected + each.pending : 0), 0);
}
