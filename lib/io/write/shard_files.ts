/** Files of one split: shards of bounded size, named as the Hub names them, hashed as written. */
import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import type { FileEntry } from "../../core/manifest.ts";

/** Where the bytes of one open shard go. */
export interface ByteSink {
  write(bytes: Uint8Array): void;
  /** Bytes written so far. */
  readonly size: number;
}

/** What encodes batches into one shard file. `B` is a batch. */
export interface ShardEncoder<B> {
  write(batch: B): Promise<void>;
  /** Writes what is still held and the file's end. */
  close(): Promise<void>;
}

/** A written shard: the manifest's entry, and its size. */
export interface ShardFile extends FileEntry {
  bytes: number;
}

/** How a series of shards is named and cut. */
export interface ShardSeries<B> {
  folder: string;
  /** `train` gives `train-00000-of-00001.parquet`. */
  prefix: string;
  extension: string;
  /** A new shard is begun where one holds this many bytes. */
  maxBytes: number;
  encode: (sink: ByteSink) => ShardEncoder<B>;
}

/** Writes batches into shards; their final names, which hold the count, are given at the end. */
export class ShardFiles<B> {
  readonly #series: ShardSeries<B>;
  readonly #done: { bytes: number; rows: number; sha256: string }[] = [];
  #file: HashedFile | undefined;
  #encoder: ShardEncoder<B> | undefined;
  #rows = 0;

  constructor(series: ShardSeries<B>) {
    this.#series = series;
  }

  /** Appends a batch of so many rows. */
  async write(batch: B, rows: number): Promise<void> {
    if (this.#file !== undefined && this.#file.size >= this.#series.maxBytes) await this.#end();
    if (this.#encoder === undefined) {
      Deno.mkdirSync(this.#series.folder, { recursive: true });
      this.#file = new HashedFile(this.#partPath(this.#done.length));
      this.#encoder = this.#series.encode(this.#file);
    }
    await this.#encoder.write(batch);
    this.#rows += rows;
  }

  /** Ends the last shard and names all; paths in the entries are file names. */
  async close(): Promise<ShardFile[]> {
    if (this.#encoder !== undefined) await this.#end();
    const { folder, prefix, extension } = this.#series;
    const count = this.#done.length;
    return this.#done.map(({ bytes, rows, sha256 }, index) => {
      const path = `${prefix}-${five(index)}-of-${five(count)}.${extension}`;
      Deno.renameSync(this.#partPath(index), join(folder, path));
      return { path, sha256, rows, bytes };
    });
  }

  /** Lets go of an open file after a failure. */
  abandon(): void {
    this.#file?.close();
  }

  async #end(): Promise<void> {
    await this.#encoder!.close();
    const file = this.#file!;
    file.close();
    this.#done.push({ bytes: file.size, rows: this.#rows, sha256: file.sha256() });
    this.#encoder = undefined;
    this.#file = undefined;
    this.#rows = 0;
  }

  #partPath(index: number): string {
    const { folder, prefix, extension } = this.#series;
    return join(folder, `${prefix}-${five(index)}.${extension}.part`);
  }
}

class HashedFile implements ByteSink {
  size = 0;
  #file: Deno.FsFile | undefined;
  readonly #hash: Hash = createHash("sha256");

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, createNew: true });
  }
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += this.#file!.writeSync(bytes.subarray(at));
    this.#hash.update(bytes);
    this.size += bytes.length;
  }
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
  sha256(): string {
    return this.#hash.digest("hex");
  }
}

function five(number: number): string {
  return String(number).padStart(5, "0");
}
