/** Rows kept on disk for a while and read back in any order, in eight bytes of memory each. */
import { readAt } from "./read_at.ts";

/** A row: a list of texts. Read back, they are UTF-8 bytes, ready to be copied into a column. */
export class RowSpool {
  /** Rows appended so far. */
  length = 0;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  /** Row i lies from `#ends[i - 1]` to `#ends[i]`. */
  #ends = new Float64Array(1024);
  #held = new Uint8Array(1 << 20);
  #heldBytes = 0;
  #written = 0;
  #read = new Uint8Array(1 << 16);

  /** Makes the file; it must not exist. Its name goes at once, so that a kill leaves nothing. */
  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path, { read: true, write: true, createNew: true });
    Deno.removeSync(path);
  }

  append(texts: readonly string[]): void {
    const head = 4 + 4 * texts.length;
    const most = texts.reduce((sum, text) => sum + 3 * text.length, head);
    if (this.#heldBytes + most > this.#held.length) this.#flush(most);
    const begin = this.#heldBytes;
    const lengths = new DataView(this.#held.buffer, begin, head);
    lengths.setUint32(0, texts.length, true);
    let at = begin + head;
    texts.forEach((text, index) => {
      const { written } = encoder.encodeInto(text, this.#held.subarray(at));
      lengths.setUint32(4 + 4 * index, written, true);
      at += written;
    });
    this.#heldBytes = at;
    if (this.length === this.#ends.length) {
      const longer = new Float64Array(this.#ends.length * 2);
      longer.set(this.#ends);
      this.#ends = longer;
    }
    this.#ends[this.length++] = this.#written + at;
  }

  /** The texts of a row; their bytes stay until the next is read. */
  read(index: number): Uint8Array[] {
    if (this.#heldBytes > 0) this.#flush(0);
    const begin = index === 0 ? 0 : this.#ends[index - 1]!;
    const length = this.#ends[index]! - begin;
    if (length > this.#read.length) this.#read = new Uint8Array(2 * length);
    const bytes = this.#read.subarray(0, length);
    readAt(this.#file, bytes, { offset: begin, path: this.#path });
    const head = new DataView(bytes.buffer, 0, length);
    const count = head.getUint32(0, true);
    let at = 4 + 4 * count;
    return Array.from({ length: count }, (_, part) => {
      const text = bytes.subarray(at, at + head.getUint32(4 + 4 * part, true));
      at += text.length;
      return text;
    });
  }

  /** Lets go of the file. */
  close(): void {
    this.#file.close();
  }

  #flush(room: number): void {
    this.#file.seekSync(this.#written, Deno.SeekMode.Start);
    for (let at = 0; at < this.#heldBytes;) {
      at += this.#file.writeSync(this.#held.subarray(at, this.#heldBytes));
    }
    this.#written += this.#heldBytes;
    this.#heldBytes = 0;
    if (room > this.#held.length) this.#held = new Uint8Array(room);
  }
}

const encoder = new TextEncoder();
