/** Writes the rows of one split as Parquet shards, and as Arrow shards beside them where asked. */
import { join } from "node:path";
import { ByteArena } from "./byte_arena.ts";
import type { Columns, Value } from "./columns.ts";
import { type ColumnValues, parquetEncoder, ROW_GROUP_ROWS } from "./parquet_encoder.ts";
import { type ShardFile, ShardFiles } from "./shard_files.ts";

/** Shards end before 500 MB: what one more row group can add is left free. */
const MAX_SHARD_BYTES = 420e6;
const BATCH_BYTES = 16 << 20;
/** Shorter texts (roles, sources) are looked up; longer ones may be views that keep a line alive. */
const SHORT = 13;

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
  /** Bytes of the rows before compression, about those that Arrow takes: the card's `num_bytes`. */
  plainBytes: number;
  parquet: ShardFile[];
  arrow: ShardFile[];
}

/**
 * Takes rows one by one and holds at most 1,000 of them (or 16 MiB of text). It keeps their texts as
 * bytes of its own, so those of the rows may be let go at once.
 */
export class SplitWriter {
  readonly #place: SplitPlace;
  readonly #columns: Columns;
  readonly #names: string[];
  readonly #parquet: ShardFiles<ColumnValues>;
  #arrow: ShardFiles<ColumnValues> | undefined;
  readonly #texts = new ByteArena();
  readonly #short = new Map<string, Uint8Array>();
  #values: Value[][];
  #bytes = 0;
  #rows = 0;
  #plainBytes = 0;

  constructor(place: SplitPlace, columns: Columns) {
    this.#place = place;
    this.#columns = columns;
    this.#names = Object.keys(columns);
    this.#values = this.#names.map(() => []);
    this.#parquet = new ShardFiles({
      folder: join(place.root, place.folder),
      prefix: place.split,
      extension: "parquet",
      maxBytes: MAX_SHARD_BYTES,
      encode: (sink) => parquetEncoder(sink, columns, (bytes) => this.#plainBytes += bytes),
    });
  }

  /** Appends a row; absent columns are null. */
  async write(row: Readonly<Record<string, Value>>): Promise<void> {
    for (let index = 0; index < this.#names.length; index++) {
      this.#values[index]!.push(this.#hold(row[this.#names[index]!] ?? null));
    }
    this.#rows++;
    if (this.#values[0]!.length >= ROW_GROUP_ROWS || this.#bytes >= BATCH_BYTES) {
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
      plainBytes: this.#plainBytes,
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
    const values = this.#values;
    const count = values[0]!.length;
    await this.#parquet.write(values, count);
    if (this.#place.arrowFolder !== undefined) await this.#writeArrow(values, count);
    this.#values = this.#names.map(() => []);
    this.#bytes = 0;
    this.#texts.reset();
    this.#short.clear();
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

  /** The value with its texts as bytes that stay until the rows are written. */
  #hold(value: Value): Value {
    if (value === null || typeof value === "number" || typeof value === "boolean") return value;
    if (typeof value === "string") return this.#count(this.#encode(value));
    if (value instanceof Uint8Array) return this.#count(this.#texts.copy(value));
    if (Array.isArray(value)) return value.map((part) => this.#hold(part));
    const held: Record<string, Value> = {};
    for (const [field, part] of Object.entries(value)) held[field] = this.#hold(part);
    return held;
  }

  #encode(text: string): Uint8Array {
    if (text.length >= SHORT) return this.#texts.encode(text);
    let bytes = this.#short.get(text);
    if (bytes === undefined) this.#short.set(text, bytes = this.#texts.encode(text));
    return bytes;
  }

  #count(bytes: Uint8Array): Uint8Array {
    this.#bytes += bytes.length;
    return bytes;
  }
}
