/** One configuration of a dataset while it is written: its columns and its splits. */
import { join } from "node:path";
import { sha256 } from "../../core/canonical.ts";
import type { FileEntry } from "../../core/manifest.ts";
import { type Columns, hfFeatures, type Value } from "../../io/write/columns.ts";
import { SplitWriter, type WrittenSplit } from "../../io/write/split_writer.ts";
import type { BuildFolder } from "./build_folder.ts";

/** A configuration that was written. */
export interface DatasetConfig {
  name: string;
  columns: Columns;
  /** The folder of its Parquet files. */
  folder: string;
  splits: WrittenSplit[];
}

/** The configuration that trainers load where they name none. */
export const DEFAULT_CONFIG = "default";
/** The folder of `save_to_disk` in a dataset's folder. */
const ARROW_FOLDER = "arrow";

/** Writes a configuration, split by split. */
export class ConfigWriter {
  readonly #config: Omit<DatasetConfig, "splits">;
  readonly #writers: Map<string, SplitWriter>;

  /** `root` is the dataset's folder; `saveToDisk` also writes the Arrow layout. */
  constructor(
    { root, opened }: Pick<BuildFolder, "root" | "opened">,
    config: { name: string; columns: Columns },
    splits: readonly string[],
    saveToDisk = false,
  ) {
    const folder = config.name === DEFAULT_CONFIG ? "data" : config.name;
    this.#config = { ...config, folder };
    const arrowFolder = saveToDisk && config.name === DEFAULT_CONFIG ? ARROW_FOLDER : undefined;
    this.#writers = new Map(splits.map((split) => {
      const writer = new SplitWriter({ root, split, folder, arrowFolder }, config.columns);
      return [split, opened.adopt(writer, () => writer.abandon())];
    }));
  }

  /** Appends a row to a split. */
  async write(split: string, row: Readonly<Record<string, Value>>): Promise<void> {
    await this.#writers.get(split)!.write(row);
  }

  /** Ends all splits; those without rows are left out. */
  async close(): Promise<DatasetConfig> {
    const splits: WrittenSplit[] = [];
    for (const writer of this.#writers.values()) splits.push(await writer.close());
    return { ...this.#config, splits: splits.filter(({ rows }) => rows > 0) };
  }
}

/** Writes what `datasets.load_from_disk` needs beside the Arrow files; gives the files' entries. */
export function describeArrow(root: string, config: DatasetConfig): FileEntry[] {
  const entries: FileEntry[] = [];
  const write = (path: string, value: unknown) => {
    const text = JSON.stringify(value, null, 2) + "\n";
    Deno.writeTextFileSync(join(root, path), text);
    entries.push({ path, sha256: sha256(text), rows: 0 });
  };
  for (const { split, arrow } of config.splits) {
    const folder = `${ARROW_FOLDER}/${split}`;
    write(`${folder}/state.json`, {
      _data_files: arrow.map(({ path }) => ({ filename: path.slice(folder.length + 1) })),
      _fingerprint: sha256(arrow.map((file) => file.sha256).join("\n")).slice(0, 16),
      _format_columns: null,
      _format_kwargs: {},
      _format_type: null,
      _output_all_columns: false,
      _split: null,
    });
    write(`${folder}/dataset_info.json`, {
      citation: "",
      description: "",
      features: hfFeatures(config.columns),
      homepage: "",
      license: "",
    });
  }
  write(`${ARROW_FOLDER}/dataset_dict.json`, {
    splits: config.splits.map(({ split }) => split),
  });
  return entries;
}
