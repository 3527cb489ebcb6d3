/** Some fields of a protobuf file, the rest of it skipped unread. */

/** By field number: the fields of a message within, or who is told of a value. */
export interface Fields {
  [number: number]: Fields | ((value: { number: number; bytes: Uint8Array }) => void);
}

/** Reads a message from where the file stands, up to `end` or the end of the file. */
export async function readFields(
  file: Deno.FsFile,
  fields: Fields,
  end = file.statSync().size,
): Promise<void> {
  const source = new Source(file, await file.seek(0, Deno.SeekMode.Current));
  await readMessage(source, fields, end);
}

async function readMessage(source: Source, fields: Fields, end: number): Promise<void> {
  while (source.at < end) {
    const tag = await source.varint();
    const field = fields[tag >>> 3];
    const wire = tag & 7;
    // A number, 8 bytes, a length and as many bytes, 4 bytes.
    const number = wire === 0 || wire === 2 ? await source.varint() : 0;
    const length = [0, 8, number, undefined, undefined, 4][wire];
    if (length === undefined || source.at + length > end) throw new Error("not a protobuf message");
    if (typeof field === "function") field({ number, bytes: await source.bytes(length) });
    else if (field && wire === 2) await readMessage(source, field, source.at + length);
    else source.at += length;
  }
}

/** A file read in pieces, from any place. */
class Source {
  #piece = new Uint8Array(0);
  #from = 0;

  constructor(readonly file: Deno.FsFile, public at: number) {}

  async varint(): Promise<number> {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = (await this.bytes(1))[0]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  async bytes(length: number): Promise<Uint8Array> {
    if (this.at < this.#from || this.at + length > this.#from + this.#piece.length) {
      this.#piece = await this.#read(Math.max(length, 4096));
      this.#from = this.at;
      if (this.#piece.length < length) throw new Error("not a whole protobuf message");
    }
    const start = this.at - this.#from;
    this.at += length;
    return this.#piece.subarray(start, start + length);
  }

  async #read(length: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.file.seek(this.at, Deno.SeekMode.Start);
    const piece = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const read = await this.file.read(piece.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return piece.subarray(0, filled);
  }
}
