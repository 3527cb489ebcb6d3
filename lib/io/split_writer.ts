/** Writes the rows of one split as Parquet shards, and as Arrow shards beside them where asked. */
import * as arrow from "apache-arrow";
import { join } from "node:path";
import { arrowEncoder } from "./arrow_encoder.ts";
import { arrowSchema, type Columns, recordBatch, type Value } from "./columns.ts";
import { parquetEncoder, ROW_GROUP_ROWS } from "./parquet_encoder.ts";
import { type ShardFile, ShardFiles } from "./shard_files.ts";

/** Shards end before 500 MB: what one more row group can add is left free. */
const MAX_SHARD_BYTES = 420e6;
const BATCH_CHARS = 16 << 20;

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
export interface WrittenSplit {
  split: string;
  rows: number;
  /** Bytes of the rows as Arrow holds them: the card's `num_bytes`. */
  arrowBytes: number;
  parquet: ShardFile[];
  arrow: ShardFile[];
}

/** Takes rows one by one and holds at most 1,000 of them (or 16 M characters). */
export class SplitWriter {
  readonly #place: SplitPlace;
  readonly #columns: Columns;
  readonly #names: string[];
  readonly #schema: arrow.Schema;
  readonly #parquet: ShardFiles<Uint8Array>;
  readonly #arrow: ShardFiles<Uint8Array> | undefined;
  #values: Value[][];
  #chars = 0;
  #rows = 0;
  #arrowBytes = 0;

  constructor(place: SplitPlace, columns: Columns) {
    this.#place = place;
    this.#columns = columns;
    this.#names = Object.keys(columns);
    this.#schema = arrowSchema(columns);
    this.#values = this.#names.map(() => []);
    this.#parquet = new ShardFiles({
      folder: join(place.root, place.folder),
      prefix: place.split,
      extension: "parquet",
      maxBytes: MAX_SHARD_BYTES,
      encode: parquetEncoder,
    });
    if (place.arrowFolder === undefined) return;
    const head = arrow.tableToIPC(new arrow.Table(this.#schema, []), "stream");
    this.#arrow = new ShardFiles({
      folder: join(place.root, place.arrowFolder, place.split),
      prefix: "data",
      extension: "arrow",
      maxBytes: MAX_SHARD_BYTES,
      encode: (sink) => arrowEncoder(sink, head),
    });
  }

  /** Appends a row; absent columns are null. */
  async write(row: Readonly<Record<string, Value>>): Promise<void> {
    for (let index = 0; index < this.#names.length; index++) {
      const value = row[this.#names[index]!] ?? null;
      this.#values[index]!.push(value);
      this.#chars += charsOf(value);
    }
    this.#rows++;
    if (this.#values[0]!.length >= ROW_GROUP_ROWS || this.#chars >= BATCH_CHARS) {
      await this.#flush();
    }
  }

  /** Writes what is held. A split without rows gets no file: `datasets` refuses to load one. */
  async close(): Promise<WrittenSplit> {
    if (this.#values[0]!.length > 0) await this.#flush();
    const { split, folder, arrowFolder } = this.#place;
    const within = (base: string) => (file: ShardFile) => ({
      ...file,
      path: `${base}/${file.path}`,
    });
    return {
      split,
      rows: this.#rows,
      arrowBytes: this.#arrowBytes,
      parquet: (await this.#parquet.close()).map(within(folder)),
      arrow: (await this.#arrow?.close() ?? []).map(within(`${arrowFolder}/${split}`)),
    };
  }

  /** Lets go of open files after a failure. */
  abandon(): void {
    this.#parquet.abandon();
    this.#arrow?.abandon();
  }

  async #flush(): Promise<void> {
    const count = this.#values[0]!.length;
    const batch = recordBatch(this.#schema, this.#columns, this.#values);
    const ipc = arrow.tableToIPC(new arrow.Table([batch]), "stream");
    this.#values = this.#names.map(() => []);
    this.#chars = 0;
    this.#arrowBytes += ipc.length;
    await this.#parquet.write(ipc, count);
    await this.#arrow?.write(ipc, count);
  }
}

/** About how many characters of text a value holds. */
function charsOf(value: Value): number {
  if (value === null || typeof value === "number" || typeof value === "boolean") return 8;
  if (typeof value === "string" || value instanceof Uint8Array) return value.length;
  let sum = 0;
  for (const part of Object.values(value)) sum += charsOf(part as Value);
  return sum;
}
