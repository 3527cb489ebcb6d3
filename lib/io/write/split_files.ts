/** The files of one split: Parquet shards, and Arrow shards beside them where asked. */
import { join } from "node:path";
import type { Columns } from "./columns.ts";
import { type ColumnValues, type PackedRows, unpackRows } from "./packed_rows.ts";
import { parquetEncoder } from "./parquet_encoder.ts";
import { type ShardFile, ShardFiles } from "./shard_files.ts";

/** Shards end before 500 MB: what one more row group can add is left free. */
const MAX_SHARD_BYTES = 420e6;

/** Where a split is written. */
export interface SplitPlace {
  /** The dataset's folder. */
  root: string;
  /** The split's name: `train`, `validation`. */
  split: string;
  /** The Parquet shards' folder in the root: `data`. */
  folder: string;
  /** Also the Arrow layout of `save_to_disk`, in this folder of the root. */
  arrowFolder?: string;
}

/** What came out of a split; paths are relative to the dataset's folder. */
export interface SplitShards {
  /** Bytes of the rows before compression, about those that Arrow takes: the card's `num_bytes`. */
  plainBytes: number;
  parquet: ShardFile[];
  arrow: ShardFile[];
}

/** What takes a split's row groups. */
export interface SplitSink {
  /** Writes a row group, and gives its buffers back. */
  write(rows: PackedRows): Promise<PackedRows>;
  close(): Promise<SplitShards>;
  /** Lets go of open files after a failure. */
  abandon(): Promise<void>;
}

/** Encodes and writes where it is called. */
export class SplitFiles implements SplitSink {
  readonly #place: SplitPlace;
  readonly #columns: Columns;
  readonly #parquet: ShardFiles<ColumnValues>;
  #arrow: ShardFiles<ColumnValues> | undefined;
  #plainBytes = 0;

  constructor(place: SplitPlace, columns: Columns) {
    this.#place = place;
    this.#columns = columns;
    this.#parquet = new ShardFiles({
      folder: join(place.root, place.folder),
      prefix: place.split,
      extension: "parquet",
      maxBytes: MAX_SHARD_BYTES,
      encode: (sink) => parquetEncoder(sink, columns, (bytes) => this.#plainBytes += bytes),
    });
  }

  async write(packed: PackedRows): Promise<PackedRows> {
    const values = unpackRows(packed, this.#columns);
    await this.#parquet.write(values, packed.rows);
    if (this.#place.arrowFolder !== undefined) await this.#writeArrow(values, packed.rows);
    return packed;
  }

  async close(): Promise<SplitShards> {
    const { split, folder, arrowFolder } = this.#place;
    const within = (base: string) => (file: ShardFile) => ({
      ...file,
      path: `${base}/${file.path}`,
    });
    return {
      plainBytes: this.#plainBytes,
      parquet: (await this.#parquet.close()).map(within(folder)),
      arrow: (await this.#arrow?.close() ?? []).map(within(`${arrowFolder}/${split}`)),
    };
  }

  abandon(): Promise<void> {
    this.#parquet.abandon();
    this.#arrow?.abandon();
    return Promise.resolve();
  }

  async #writeArrow(values: ColumnValues, count: number): Promise<void> {
    if (this.#arrow === undefined) {
      // Loaded when needed: most datasets are Parquet alone.
      const { arrowValuesEncoder } = await import("./arrow_columns.ts");
      const { root, split, arrowFolder } = this.#place;
      this.#arrow = new ShardFiles({
        folder: join(root, arrowFolder!, split),
        prefix: "data",
        extension: "arrow",
        maxBytes: MAX_SHARD_BYTES,
        encode: (sink) => arrowValuesEncoder(sink, this.#columns),
      });
    }
    await this.#arrow.write(values, count);
  }
}
