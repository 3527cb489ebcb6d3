/** Follows a dataset back to what it was made of, link by link, by hashes. */
import { dirname, join, relative } from "node:path";
import { InputError, messageOf } from "../core/errors.ts";
import { Lineage, LINEAGE_FILE } from "../core/lineage.ts";
import type { FileEntry, Manifest, ModelIdentity } from "../core/manifest.ts";
import { folderIdentity } from "../io/disk/folder_identity.ts";
import { hashFile } from "../io/disk/hash_file.ts";
import { readJsonFile } from "../io/disk/json_file.ts";
import { readManifest } from "../io/records/manifest_file.ts";
import type { Finding } from "./finding.ts";

/**
 * Yields a finding for every link from a run, a dataset or a model's folder back to its origins:
 * inputs by the hashes of their files, models by the content of their folders, prompted models by
 * their base's weights, trained ones by `lineage.json`. Ends at the first link that is broken.
 *
 * `known` are folders with manifests, where a file that is not at its path is looked for by hash.
 */
export async function* lineageOf(
  folder: string,
  known: readonly string[],
): AsyncGenerator<Finding> {
  const links = new Links(known);
  for await (const finding of links.ofFolder(folder)) {
    yield finding;
    if (!finding.ok) return;
  }
}

class Links {
  readonly #seen = new Set<string>();

  constructor(readonly known: readonly string[]) {}

  /** A run, a dataset, or a model's folder with a manifest. */
  async *ofFolder(folder: string): AsyncGenerator<Finding> {
    if (this.#seen.has(folder)) return;
    this.#seen.add(folder);
    let manifest: Manifest | undefined;
    try {
      manifest = readManifest(join(folder, "manifest.json"));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return yield { folder, ok: false, what: error.message };
    }
    if (manifest === undefined) return yield { folder, ok: false, what: "no manifest.json in it" };
    if (manifest.stage === "create-prompted-model") return yield* this.ofModel(folder);
    for (const input of manifest.inputs) yield* this.#ofInput(folder, manifest.stage, input);
    for (const [option, identity] of Object.entries(manifest.identities ?? {})) {
      for (const each of [identity].flat()) yield* this.#ofIdentity(folder, option, each);
    }
  }

  /** A folder of weights: prompted, trained, converted, or an origin. */
  async *ofModel(folder: string): AsyncGenerator<Finding> {
    if (this.#seen.has(`model ${folder}`)) return;
    this.#seen.add(`model ${folder}`);
    const { weights } = await folderIdentity(folder);
    const manifest = readManifest(join(folder, "manifest.json"));
    const base = manifest?.stage === "create-prompted-model" ? manifest.options.model : undefined;
    if (typeof base === "string") {
      yield* this.#ofWeights(folder, "prompted from", base, weights);
      return;
    }
    const lineage = readLineage(folder);
    if (typeof lineage === "string") return yield { folder, ok: false, what: lineage };
    if (lineage === null) {
      return yield { folder, ok: true, what: `weights ${weights}: an origin (no ${LINEAGE_FILE})` };
    }
    const { made_by = "made", source, dataset } = lineage;
    yield* this.#ofWeights(folder, `${made_by} from`, source.path, source.weights);
    if (dataset === undefined) return;
    const path = join(dataset.path, "manifest.json");
    const now = await hashFile(path).catch((error) => messageOf(error));
    const ok = now === dataset.manifest;
    const what = `trained on ${dataset.path}`;
    yield { folder, ok, what: ok ? what : `${what}: its manifest is not the one of then (${now})` };
    if (ok) yield* this.ofFolder(dataset.path);
  }

  async *#ofWeights(
    folder: string,
    what: string,
    source: string,
    weights: string | null,
  ): AsyncGenerator<Finding> {
    const now = await folderIdentity(source).then((found) => found.weights, messageOf);
    const ok = now === weights;
    const told = `${what} ${source}`;
    yield { folder, ok, what: ok ? told : `${told}: its weights are not those of then (${now})` };
    if (ok) yield* this.ofModel(source);
  }

  async *#ofInput(folder: string, stage: string, input: FileEntry): AsyncGenerator<Finding> {
    const found = await this.#makerOf(input);
    if (found !== undefined) {
      const file = relative(found.folder, found.path);
      yield { folder, ok: true, what: `${stage} read ${file} of ${found.folder}` };
      return yield* this.ofFolder(found.folder);
    }
    const now = await hashFile(input.path).catch((error) => messageOf(error));
    if (now !== input.sha256) {
      const what = `${stage} read ${input.path}: it is not what it was (${now}), and no folder ` +
        `given has a file of SHA-256 ${input.sha256}`;
      return yield { folder, ok: false, what };
    }
    yield { folder, ok: true, what: `${stage} read ${input.path}: an origin` };
  }

  /** The folder whose manifest has the file among its outputs, and where the file is now. */
  async #makerOf({ path, sha256 }: FileEntry) {
    const near = [dirname(path), dirname(dirname(path)), dirname(dirname(dirname(path)))];
    for (const folder of [...near, ...this.known]) {
      const manifest = manifestIn(folder);
      const output = manifest?.outputs.find((each) => each.sha256 === sha256);
      if (output === undefined) continue;
      const file = join(folder, output.path);
      if (await hashFile(file).catch(() => null) === sha256) return { folder, path: file };
    }
    return undefined;
  }

  async *#ofIdentity(
    folder: string,
    option: string,
    { name, version, files }: ModelIdentity,
  ): AsyncGenerator<Finding> {
    if (files === undefined) {
      const by = version === null ? "by its name alone" : `by ${version}`;
      return yield { folder, ok: true, what: `${option} ${name}: known ${by}` };
    }
    if (!name.startsWith("local/")) {
      return yield { folder, ok: true, what: `${option} ${name}: an origin, ${version}` };
    }
    const path = name.slice("local/".length);
    const now = await folderIdentity(path).catch((error) => messageOf(error));
    if (typeof now === "string") {
      return yield { folder, ok: false, what: `${option} ${name}: ${now}` };
    }
    const other = files.find((file) =>
      now.files.find((each) => each.path === file.path)?.sha256 !== file.sha256
    );
    const ok = now.sha256 === version;
    const changed = other === undefined ? "a file is there that was not" : `${other.path} changed`;
    const what = `${option} ${name}`;
    yield { folder, ok, what: ok ? what : `${what}: not what was loaded: ${changed}` };
    if (ok) yield* this.ofModel(path);
  }
}

function manifestIn(folder: string): Manifest | undefined {
  try {
    return readManifest(join(folder, "manifest.json"));
  } catch {
    return undefined;
  }
}

/** The folder's `lineage.json`; null where there is none, the fault where it is not one. */
function readLineage(folder: string): Lineage | null | string {
  try {
    return readJsonFile(join(folder, LINEAGE_FILE), Lineage) ?? null;
  } catch (error) {
    return `${LINEAGE_FILE}: not of the form in docs/formats.md: ${messageOf(error)}`;
  }
}
