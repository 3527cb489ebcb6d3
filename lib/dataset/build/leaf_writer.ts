/** The files of one dataset while they are written: its configurations, and its exports. */
import { join } from "node:path";
import type { FileEntry } from "../../core/manifest.ts";
import type { Columns, Value } from "../../io/write/columns.ts";
import { DatasetExport } from "../export/dataset_export.ts";
import type { ExportForm, ExportKind } from "../export/export_rows.ts";
import type { ExportName } from "../export/export_targets.ts";
import type { BuildFolder } from "./build_folder.ts";
import { ConfigWriter, type DatasetConfig, describeArrow } from "./dataset_config.ts";

/** What is written of a dataset. */
export interface LeafFiles {
  /** Where it stands under OUT; `""`, the default, is OUT itself. */
  folder?: string;
  splits: readonly string[];
  /** Columns by configuration, the default one first. */
  configs: Record<string, Columns>;
  saveToDisk: boolean;
  exports?: { kind: ExportKind; targets: readonly ExportName[]; form: ExportForm };
}

/** Writes the rows of a dataset, each once in every configuration. */
export class LeafWriter {
  /** The same rows for other programs; undefined where none are asked for. */
  readonly exported: DatasetExport | undefined;
  readonly #root: string;
  readonly #saveToDisk: boolean;
  readonly #configs: readonly ConfigWriter[];

  constructor(
    { root, opened }: Pick<BuildFolder, "root" | "opened">,
    { folder = "", splits, configs, saveToDisk, exports }: LeafFiles,
  ) {
    this.#root = join(root, folder);
    this.#saveToDisk = saveToDisk;
    const place = { root: this.#root, opened };
    this.#configs = Object.entries(configs).map(([name, columns]) =>
      new ConfigWriter(place, { name, columns }, splits, saveToDisk)
    );
    if (exports?.targets.length) this.exported = new DatasetExport(place, exports, splits);
  }

  /** Appends a row, as each configuration has it. */
  async write(split: string, ...rows: readonly Record<string, Value>[]): Promise<void> {
    for (const [index, config] of this.#configs.entries()) await config.write(split, rows[index]!);
  }

  /** Ends all files. */
  async close(): Promise<{ configs: DatasetConfig[]; files: FileEntry[] }> {
    const configs: DatasetConfig[] = [];
    for (const config of this.#configs) configs.push(await config.close());
    const files = this.exported?.close() ?? [];
    if (this.#saveToDisk) files.push(...describeArrow(this.#root, configs[0]!));
    return { configs, files };
  }
}
