/** Writes the rows of a dataset's one configuration, split by split, each row in its place. */
import type { FileEntry } from "../../core/manifest.ts";
import type { Columns, Value } from "../../io/columns.ts";
import {
  ConfigWriter,
  type DatasetConfig,
  DEFAULT_CONFIG,
  describeArrow,
} from "./dataset_config.ts";
import { DatasetExport, type ExportKind, type ExportTarget } from "./export.ts";

/** A split: its name, and the places of its rows in what they are read from. */
export interface SplitOrder {
  name: string;
  order: Uint32Array;
}

/** What {@link writeSplits} writes. */
export interface SplitsToWrite {
  root: string;
  columns: Columns;
  splits: readonly SplitOrder[];
  saveToDisk: boolean;
  signal: AbortSignal;
  /** The row of a place; `at` is where it stands in its split. */
  row: (place: number, split: string, at: number) => Record<string, Value>;
  /** The files for other programs, and the rows as they have them. */
  exports?: {
    kind: ExportKind;
    targets: readonly ExportTarget[];
    row: (place: number) => unknown;
  };
}

/** Gives the configuration and the other files that were written; lets go of all where one fails. */
export async function writeSplits(
  { root, columns, splits, saveToDisk, signal, row, exports }: SplitsToWrite,
): Promise<{ config: DatasetConfig; files: FileEntry[] }> {
  const names = splits.map(({ name }) => name);
  const targets = exports?.targets ?? [];
  const writer = new ConfigWriter(root, { name: DEFAULT_CONFIG, columns }, names, saveToDisk);
  const exported = new DatasetExport(root, exports?.kind ?? "sft", targets, names);
  try {
    for (const [index, { name, order }] of splits.entries()) {
      for (const [at, place] of order.entries()) {
        signal.throwIfAborted();
        await writer.split(index).write(row(place, name, at));
        if (targets.length > 0) exported.add(name, exports!.row(place));
      }
    }
  } catch (error) {
    writer.abandon();
    exported.abandon();
    throw error;
  }
  const config = await writer.close();
  const files = exported.close();
  if (saveToDisk) files.push(...describeArrow(root, config));
  return { config, files };
}
