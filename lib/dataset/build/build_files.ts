/** The files that a build goes by, and their hashes, of which most are taken while they are read. */
import type { StageContext } from "../../core/context.ts";
import { ReadHashes } from "../../io/disk/hash_file.ts";
import { inputFiles } from "../../io/inputs/input_files.ts";
import { readingOf } from "../../io/inputs/input_options.ts";
import { EVALUATION_READING } from "../filter/passages.ts";
import type { BuilderOptions } from "./build_options.ts";
import type { InputPaths } from "../../io/inputs/input_files.ts";

export class BuildFiles {
  /** As the manifest names them. */
  readonly names: string[] = [];
  readonly #hashes = new ReadHashes();
  /** Where those of the input lie. */
  readonly #places = new Map<string, string>();
  /** Takes what is read of a file, once each. */
  readonly onChunk = this.#hashes.add;

  /** Finds the input's files, the evaluation sets' and others that are named. Throws `InputError`. */
  static async find(paths: InputPaths, options: BuilderOptions): Promise<BuildFiles> {
    const found = new BuildFiles();
    const inputs = [
      await inputFiles(paths, readingOf(options)),
      await inputFiles(options.decontaminate, EVALUATION_READING),
    ];
    for (const { path, at = path } of inputs.flat()) {
      found.names.push(path);
      found.#places.set(path, at);
    }
    const { excludeIds, decisions, rewardCheck } = options;
    found.names.push(...[excludeIds, decisions, rewardCheck].filter((file) => file !== undefined));
    return found;
  }

  /** Bytes of the input, those of compressed files as they lie on disk. */
  get bytes(): number {
    return [...this.#places.values()].reduce((sum, path) => sum + Deno.statSync(path).size, 0);
  }

  /** Each file and its SHA-256. */
  async hashed(context: StageContext): Promise<{ path: string; sha256: string }[]> {
    const hashed: { path: string; sha256: string }[] = [];
    for (const path of this.names) {
      const place = this.#places.get(path) ?? path;
      hashed.push({ path, sha256: await this.#hashes.of(place, context) });
    }
    return hashed;
  }
}
