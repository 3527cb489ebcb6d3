/** Writes the rows of one split as Parquet shards, and as Arrow shards beside them where asked. */
import type { Columns, Value } from "./columns.ts";
import { RowPacker } from "./packed_rows.ts";
import { ROW_GROUP_ROWS } from "./parquet_encoder.ts";
import { SplitFiles, type SplitPlace, type SplitShards, type SplitSink } from "./split_files.ts";
import { threadCanBegin, ThreadSplit } from "./split_thread.ts";

const BATCH_BYTES = 16 << 20;

/** What came out of a split. */
export interface WrittenSplit extends SplitShards {
  split: string;
  rows: number;
}

/**
 * Takes rows one by one and holds at most 1,000 of them (or 16 MiB of text), and as many while those
 * are written. It keeps their texts as bytes of its own, so those of the rows may be let go at once.
 */
export class SplitWriter {
  readonly #place: SplitPlace;
  readonly #columns: Columns;
  readonly #held: RowPacker;
  #files: SplitSink | undefined;
  /** The row group that is being written. */
  #before: Promise<void> = Promise.resolve();
  #rows = 0;

  constructor(place: SplitPlace, columns: Columns) {
    this.#place = place;
    this.#columns = columns;
    this.#held = new RowPacker(columns);
  }

  /** Appends a row; absent columns are null. */
  async write(row: Readonly<Record<string, Value>>): Promise<void> {
    this.#held.add(row);
    this.#rows++;
    if (this.#held.rows < ROW_GROUP_ROWS && this.#held.bytes < BATCH_BYTES) return;
    this.#files ??= new (threadCanBegin() ? ThreadSplit : SplitFiles)(this.#place, this.#columns);
    await this.#flush();
  }

  /** Writes what is held. A split without rows gets no file: `datasets` refuses to load one. */
  async close(): Promise<WrittenSplit> {
    // What is less than a row group is sooner written here than a thread is begun.
    this.#files ??= new SplitFiles(this.#place, this.#columns);
    if (this.#held.rows > 0) await this.#flush();
    await this.#before;
    const shards = await this.#files.close();
    this.#files = undefined;
    return { split: this.#place.split, rows: this.#rows, ...shards };
  }

  /** Lets go of what is open; there is nothing once it was closed. */
  async abandon(): Promise<void> {
    await this.#files?.abandon();
  }

  /** Gives the rows that are held on, once those before them are written. */
  async #flush(): Promise<void> {
    await this.#before;
    const written = this.#files!.write(this.#held.take());
    this.#before = written.then((buffers) => this.#held.give(buffers));
    // Whoever waits for it next is told.
    this.#before.catch(() => {});
  }
}
