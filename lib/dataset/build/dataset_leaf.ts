/** What a builder made, and how each dataset of it is described: its card, its picture, its manifest. */
import { join } from "node:path";
import { sha256 } from "../../core/canonical.ts";
import { type FileEntry, type Manifest, PLOT_FILE } from "../../core/manifest.ts";
import { type CardFacts, datasetCard } from "./card.ts";
import type { DatasetConfig } from "./dataset_config.ts";
import { REJECTS } from "./rejects_file.ts";

/** One dataset of a build: OUT itself, or a folder in it. */
export interface DatasetLeaf {
  /** `""` for OUT itself. */
  folder: string;
  configs: DatasetConfig[];
  /** What the card tells beside the counts. */
  card: CardFacts;
  /** Other files of the leaf, paths relative to it. */
  files?: FileEntry[];
  /** The card's picture. */
  plot?: { caption: string; svg: string };
}

/** What a builder has made, in the temporary folder. */
export interface BuiltDataset {
  leaves: DatasetLeaf[];
  /** The models whose replies are in it. */
  models: Iterable<string>;
  /** What the manifest tells beside the counts. */
  extra: Record<string, unknown>;
}

/** Writes each leaf's card, rejects and manifest, and the whole's; gives the whole's. */
export function describeLeaves(
  root: string,
  manifest: Manifest,
  leaves: readonly DatasetLeaf[],
  rejects: FileEntry,
): Manifest {
  const all: FileEntry[] = [rejects];
  for (const leaf of leaves) {
    const folder = join(root, leaf.folder);
    const outputs: FileEntry[] = [];
    for (const config of leaf.configs) {
      for (const split of config.splits) {
        for (const { path, sha256, rows } of [...split.parquet, ...split.arrow]) {
          outputs.push({ path, sha256, rows });
        }
      }
    }
    outputs.push(...leaf.files ?? []);
    const pictures = leaf.plot === undefined
      ? []
      : [{ caption: leaf.plot.caption, path: PLOT_FILE }];
    if (leaf.plot !== undefined) {
      Deno.mkdirSync(join(folder, "plots"));
      Deno.writeTextFileSync(join(folder, PLOT_FILE), leaf.plot.svg);
      outputs.push({ path: PLOT_FILE, sha256: sha256(leaf.plot.svg), rows: 0 });
    }
    const card = datasetCard(leaf.configs, leaf.card, pictures, manifest);
    Deno.writeTextFileSync(join(folder, "README.md"), card);
    outputs.push({ path: "README.md", sha256: sha256(card), rows: 0 });
    if (leaf.folder !== "") {
      Deno.copyFileSync(join(root, REJECTS), join(folder, REJECTS));
      writeManifestFile(folder, { ...manifest, outputs: [rejects, ...outputs] });
    }
    const within = (path: string) => (leaf.folder === "" ? path : `${leaf.folder}/${path}`);
    all.push(...outputs.map((entry) => ({ ...entry, path: within(entry.path) })));
  }
  const whole = { ...manifest, outputs: all };
  writeManifestFile(root, whole);
  return whole;
}

function writeManifestFile(folder: string, manifest: Manifest): void {
  Deno.writeTextFileSync(join(folder, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
}
