/**
 * Arrow's stream format as messages, taken apart by their lengths
 * (https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc).
 */
import { readAt } from "../disk/read_at.ts";

/** A message: its length, its metadata, its body. */
export interface ArrowMessage {
  bytes: Uint8Array;
  isBatch: boolean;
}

/** Reads so many bytes from an offset on. */
type Read = (offset: number, length: number) => Uint8Array;

/** Before and after what a file in the file format holds. */
const MAGIC = "ARROW1";

const KIND = { dictionary: 2, batch: 3 } as const;

/** Bits are the smallest values: a batch cannot hold more of anything than its body has bits. */
const VALUES_A_BYTE = 8;

/** The bytes of an open file from an offset on. Throws an `Error` where it ends before. */
export function reading(file: Deno.FsFile, path: string): { size: number; read: Read } {
  const { size } = file.statSync();
  const read: Read = (offset, length) => {
    if (length < 0 || offset < 0 || offset + length > size) throw new Error("it is cut short");
    const bytes = new Uint8Array(length);
    readAt(file, bytes, { offset, path });
    return bytes;
  };
  return { size, read };
}

/**
 * The messages of a stream. Their lengths and those of batches are held against the file: for what a
 * batch claims a reader in native code takes memory, and where there is none the process dies.
 *
 * Throws an `Error` that says what is wrong.
 */
export function* arrowMessages(size: number, read: Read): Generator<ArrowMessage> {
  for (let at = 0; at === 0 || at < size;) {
    const message = messageAt(read, at);
    if (message === null) return;
    yield message;
    at += message.bytes.length;
  }
}

/**
 * A file in the file format, its messages checked in the same way, and its footer; null for what is
 * in another format. Throws an `Error` that says what is wrong.
 */
export function arrowFile(
  size: number,
  read: Read,
): { bytes: Uint8Array; footer: Uint8Array } | null {
  const isMagic = (at: number) => new TextDecoder().decode(read(at, MAGIC.length)) === MAGIC;
  if (size < MAGIC.length || !isMagic(0)) return null;
  const end = size - MAGIC.length - 4;
  if (!isMagic(end + 4)) throw new Error("it is cut short");
  const length = viewOf(read(end, 4)).getInt32(0, true);
  const footer = read(end - length, length), view = viewOf(footer);
  const table = new FlatTable(view, view.getUint32(0, true));
  // Of a block of three numbers the first says where its message begins.
  for (const blocks of [table.longs(2, 3), table.longs(3, 3)]) {
    for (let block = 0; block < blocks.length; block += 3) {
      messageAt(read, Number(view.getBigInt64(blocks[block]!, true)));
    }
  }
  const bytes = read(0, size);
  return { bytes, footer: bytes.subarray(end - length, end) };
}

/** The message at an offset, checked; null for the mark at a stream's end. */
function messageAt(read: Read, at: number): ArrowMessage | null {
  // Before Arrow 0.15 the length stood alone.
  const head = viewOf(read(at, 4)).getInt32(0, true) === -1 ? 8 : 4;
  const length = viewOf(read(at + head - 4, 4)).getInt32(0, true);
  if (length === 0) return null;
  const { kind, body, header } = messageOf(viewOf(read(at + head, length)));
  const bytes = read(at, head + length + body);
  if (kind === KIND.batch) checkBatch(header, body);
  if (kind === KIND.dictionary) checkBatch(header.table(1), body);
  return { bytes, isBatch: kind === KIND.batch };
}

function messageOf(view: DataView) {
  const message = new FlatTable(view, view.getUint32(0, true));
  const kindAt = message.field(1), bodyAt = message.field(3);
  const kind = kindAt === null ? 0 : view.getUint8(kindAt);
  const body = bodyAt === null ? 0 : Number(view.getBigInt64(bodyAt, true));
  if (body < 0) throw new Error("a body of no size");
  return { kind, body, header: message.table(2) };
}

/** Rows, nodes (a length and its nulls), buffers, and buffers a view, each as many 64-bit numbers. */
function checkBatch(batch: FlatTable, body: number): void {
  if (batch.field(3) !== null) throw new Error("it is compressed: datasets writes none such");
  const numbers = [
    batch.field(0),
    ...batch.longs(1, 2),
    ...batch.longs(2, 2),
    ...batch.longs(4, 1),
  ];
  for (const at of numbers) {
    const number = at === null ? 0n : batch.view.getBigInt64(at, true);
    if (number > VALUES_A_BYTE * body) throw new Error(`${number} values in ${body} bytes`);
  }
}

/** A table of a flatbuffer. Looking out of the bytes is a `RangeError`. */
class FlatTable {
  readonly #layout: number;

  constructor(readonly view: DataView, readonly at: number) {
    this.#layout = at - view.getInt32(at, true);
  }

  /** Where a field stands, or null where it is left out. */
  field(index: number): number | null {
    const slot = 4 + 2 * index;
    if (slot >= this.view.getUint16(this.#layout, true)) return null;
    const place = this.view.getUint16(this.#layout + slot, true);
    return place === 0 ? null : this.at + place;
  }

  /** The table that a field refers to. */
  table(index: number): FlatTable {
    const field = this.field(index);
    if (field === null) throw new Error("a message without a header");
    return new FlatTable(this.view, field + this.view.getUint32(field, true));
  }

  /** Where the 64-bit numbers of a vector stand whose items are so many each. */
  longs(index: number, each: number): number[] {
    const field = this.field(index);
    if (field === null) return [];
    const vector = field + this.view.getUint32(field, true);
    const length = this.view.getUint32(vector, true) * each;
    if (vector + 4 + 8 * length > this.view.byteLength) throw new RangeError("out of the bytes");
    return Array.from({ length }, (_, at) => vector + 4 + 8 * at);
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer);
