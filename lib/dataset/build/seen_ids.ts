/** Which ids a dataset's input has shown so far, in a few bytes each. */
import { crc32 } from "node:zlib";
import { hash64 } from "../../core/hash64.ts";
import { IdTable } from "../../run/id_table.ts";

/** Tells new ids from repeated ones. */
export class SeenIds {
  duplicates = 0;
  readonly #table = new IdTable();

  /** Distinct ids so far. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * Whether the id is new, or stood in a row of the same content, which is counted as a duplicate,
   * or in one of other content.
   *
   * @param content the texts that are all of the row.
   */
  add(id: string, content: readonly string[]): "new" | "same" | "conflict" {
    const { row, added } = this.#table.row(hash64(id));
    const key = checksum(content);
    if (added) {
      this.#table.setKey(row, key);
      return "new";
    }
    if (this.#table.key(row) !== key) return "conflict";
    this.duplicates++;
    return "same";
  }
}

/** CRC-32 of the texts and of their lengths: two rows of one id are compared by it, no others. */
function checksum(texts: readonly string[]): bigint {
  const lengths = crc32(texts.map((text) => text.length).join());
  const content = crc32(texts.join(""));
  return BigInt(lengths) << 32n | BigInt(content);
}
