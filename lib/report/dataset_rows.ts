/** The rows of a dataset that a page is made from: all, or some spread evenly. */
import { basename } from "node:path";
import { type InputFile, inputFiles } from "../io/inputs/input_files.ts";
import { rowsOf } from "../io/rows/read_rows.ts";
import { ALL_SPLITS } from "../io/inputs/splits.ts";
import { count } from "../view/number_text.ts";
import type { SectionOptions } from "./section.ts";
import type { Subject } from "./subject.ts";

/** A row, whatever it holds. */
export type Fields = Record<string, unknown>;

/** A dataset's rows, or a sample of them, and how many there are. */
export interface DatasetRows {
  rows: AsyncGenerator<Fields>;
  /** All rows by split, once `rows` is at its end. A split is the first word of its files' names. */
  splits: Record<string, number>;
  size: () => number;
  /** Says of how many rows the page tells, where those are not all. */
  note: string | undefined;
}

/** Opens a dataset's rows: all of them, or `options.rows` at most, spread over its Parquet files. */
export async function openDataset(
  subject: Subject,
  options: SectionOptions,
): Promise<DatasetRows> {
  const files = await inputFiles(subject.path, { allowPartial: true, split: ALL_SPLITS });
  const splitOf = ({ path }: InputFile) =>
    /^(train|validation|test)\b/.exec(basename(path))?.[1] ?? "rows";
  const splits: Record<string, number> = {};
  const increase = (file: InputFile, by: number) => {
    const split = splitOf(file);
    splits[split] = (splits[split] ?? 0) + by;
  };
  const size = () => Object.values(splits).reduce((sum, rows) => sum + rows, 0);
  const { rows: most = Infinity } = options;
  if (most < Infinity && files.every(({ kind }) => kind === "parquet")) {
    const { countParquetRows } = await import("../io/rows/parquet_rows.ts");
    const counts = await Promise.all(files.map(({ path }) => countParquetRows(path)));
    const all = counts.reduce((sum, rows) => sum + rows, 0);
    if (all > most) {
      const shares = counts.map((rows) => Math.ceil(most * rows / all));
      files.forEach((file, index) => increase(file, counts[index]!));
      const note = `Read for this page: ${count(shares.reduce((sum, rows) => sum + rows, 0))} ` +
        `of the ${count(all)} rows, spread evenly.`;
      return { rows: rowsOfFiles(files, options, { shares }), splits, size, note };
    }
  }
  const onRow = (file: InputFile) => increase(file, 1);
  return { rows: rowsOfFiles(files, options, { onRow }), splits, size, note: undefined };
}

async function* rowsOfFiles(
  files: readonly InputFile[],
  { signal, onRow: onAnyRow }: SectionOptions,
  { shares, onRow }: { shares?: readonly number[]; onRow?: (file: InputFile) => void },
): AsyncGenerator<Fields> {
  for (const [index, file] of files.entries()) {
    for await (const { row } of rowsOf(file, { signal, sample: shares?.[index] })) {
      if (typeof row !== "object" || row === null) continue;
      onRow?.(file);
      onAnyRow?.();
      yield row as Fields;
    }
  }
}
