/** Rows on disk until their number, and so the permutation, is known; then split and written. */
import { join } from "node:path";
import type { FileEntry } from "../../core/manifest.ts";
import type { Extra, Message } from "../../core/records.ts";
import type { Columns, Value } from "../../io/columns.ts";
import { ExtraColumns } from "../../io/extra_columns.ts";
import { RowSpool } from "../../io/row_spool.ts";
import { PromptGroups } from "../split/prompt_groups.ts";
import type { BuildFolder } from "./build_folder.ts";
import {
  ConfigWriter,
  type DatasetConfig,
  DEFAULT_CONFIG,
  describeArrow,
} from "./dataset_config.ts";
import type { DatasetExport } from "../export/dataset_export.ts";

/** How rows are split, and what they are written as. */
export interface RowsToWrite {
  seed: number;
  /** Prompts that go into train; the others are validation. */
  train: number;
  /** Whether prompts of equal messages stand on one side. */
  grouped: boolean;
  saveToDisk: boolean;
  columns: Columns;
  /** A row of the texts that were spooled of it; `at` is where it stands in its split. */
  row: (texts: Uint8Array[], place: { split: string; at: number }) => Record<string, Value>;
  /** The files for other programs, and the rows as they have them. */
  exports?: {
    open: (splits: readonly string[]) => DatasetExport;
    add: (to: DatasetExport, split: string, texts: Uint8Array[]) => void;
  };
}

/** What was written. */
export interface WrittenRows {
  config: DatasetConfig;
  /** Files beside the configuration's. */
  files: FileEntry[];
  /** Rows by split. */
  rows: { train: number; validation: number };
}

/** Keeps rows by number, and which of them are of one prompt; a few bytes of memory each. */
export class SpooledRows {
  /** The columns that were kept of the rows' prompts. */
  readonly extra = new ExtraColumns();
  readonly #spool: RowSpool;
  readonly #groups = new PromptGroups();

  constructor(root: string) {
    this.#spool = new RowSpool(join(root, ".rows"));
  }

  /** Rows so far. */
  get length(): number {
    return this.#spool.length;
  }

  /** Prompts so far. */
  get prompts(): number {
    return this.#groups.prompts;
  }

  /** Adds a prompt's rows, each as the texts that `RowsToWrite.row` makes a row of. */
  add(prompt: readonly Message[], rows: readonly (readonly string[])[], extra?: Extra): void {
    for (const texts of rows) this.#spool.append(texts);
    this.#groups.add(prompt, rows.length);
    this.extra.add(extra);
  }

  /** Writes all rows, split by split; lets go of all files where one fails. */
  async write(
    { root, context: { signal } }: Pick<BuildFolder<string>, "root" | "context">,
    { seed, train, grouped, saveToDisk, columns, row, exports }: RowsToWrite,
  ): Promise<WrittenRows> {
    const sides = this.#groups.split({ seed, train }, { grouped });
    const splits = Object.entries(sides).filter(([, order]) => order.length > 0);
    const names = splits.map(([name]) => name);
    const writer = new ConfigWriter(root, { name: DEFAULT_CONFIG, columns }, names, saveToDisk);
    const exported = exports?.open(names);
    try {
      for (const [index, [split, order]] of splits.entries()) {
        for (const [at, place] of order.entries()) {
          signal.throwIfAborted();
          await writer.split(index).write(row(this.#spool.read(place), { split, at }));
          if (exported) exports!.add(exported, split, this.#spool.read(place));
        }
      }
    } catch (error) {
      writer.abandon();
      exported?.abandon();
      throw error;
    }
    const config = await writer.close();
    const files = exported?.close() ?? [];
    if (saveToDisk) files.push(...describeArrow(root, config));
    const rows = { train: sides.train.length, validation: sides.validation.length };
    return { config, files, rows };
  }

  /** Lets go of the file. */
  close(): void {
    this.#spool.close();
  }
}
