/** Arrow's stream format as messages, each checked before it reaches the library. */
import { InputError } from "../../core/errors.ts";
import { FlatBytes, type FlatTable } from "./flat_tables.ts";
import { join } from "./lines.ts";

/** More than any schema takes. */
const MAX_METADATA = 64 << 20;

/** Bits are the smallest values: a batch cannot hold more rows than its body has bits. */
const ROWS_A_BYTE = 8;

const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const;

const keyValue: FlatTable = ["text", "text"];
/** Of any type: times have a zone, unions their ids, all others only numbers. */
const type = { timestamp: 10, union: 14 } as const;
const intType: FlatTable = [4, 1];
const field: FlatTable = [
  "text",
  1,
  1,
  4, // The type, which is followed by `checkTypes`.
  { table: [8, { table: intType }, 1, 2] },
  {
    get tables() {
      return field;
    },
  },
  { tables: keyValue },
];
const schema: FlatTable = [2, { tables: field }, { tables: keyValue }, { items: 8 }];
const batch: FlatTable = [8, { items: 16 }, { items: 16 }, { table: [1, 1] }, { items: 8 }];
const dictionary: FlatTable = [8, { table: batch }, 1];
const message: FlatTable = [2, 1, 4, 8, { tables: keyValue }];
const footer: FlatTable = [2, { table: schema }, { items: 24 }, { items: 24 }, {
  tables: keyValue,
}];

/** Before and after what a file in the file format holds. */
const MAGIC = "ARROW1";

/**
 * Passes on the bytes of a file in Arrow's stream format, a message's metadata at a time and its
 * body as it comes; of a file in the file format, which is read by its end, all at once. What lies
 * about its own lengths is refused: the library would follow it without end.
 *
 * @throws {InputError} naming the file.
 */
export async function* checkedArrow(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const damaged = (how: string) => new InputError(`${path}: not a sound Arrow stream file: ${how}`);
  const source = new Bytes(chunks);
  const isSound = <T>(check: () => T, what: string): T => {
    try {
      return check();
    } catch (error) {
      if (error instanceof RangeError) throw damaged(`${what}: ${error.message}`);
      throw error;
    }
  };
  if (latin1.decode(await source.peek(MAGIC.length)) === MAGIC) {
    const whole = await source.take(Infinity);
    if (latin1.decode(whole.subarray(-MAGIC.length)) !== MAGIC) throw damaged("it is cut short");
    isSound(() => checkFile(whole), "footer");
    yield whole;
    return;
  }
  for (let count = 0;; count++) {
    const head = await source.take(4);
    if (head.length === 0 && count > 0) return;
    if (head.length < 4) throw damaged("it is cut short");
    // Before Arrow 0.15 the length stood alone.
    const marked = int32(head) === -1;
    const size = marked ? await source.take(4) : head;
    if (size.length < 4) throw damaged("it is cut short");
    yield head;
    if (marked) yield size;
    const length = int32(size);
    if (length === 0) return;
    if (length < 0 || length > MAX_METADATA) throw damaged(`metadata of ${length} bytes`);
    const metadata = await source.take(length);
    if (metadata.length < length) throw damaged("it is cut short");
    const body = isSound(() => checkMessage(metadata), `message ${count + 1}`);
    yield metadata;
    for (let left = body; left > 0;) {
      const part = await source.some(left);
      if (part.length === 0) throw damaged("it is cut short");
      left -= part.length;
      yield part;
    }
  }
}

/** Checks a file in the file format: what its footer says, and the messages that it points at. */
function checkFile(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - MAGIC.length - 4;
  const begin = end - view.getInt32(end, true);
  if (begin < MAGIC.length || begin > end) throw new RangeError("a footer out of the file");
  const flat = new FlatBytes(bytes.subarray(begin, end));
  const root = flat.root();
  flat.check(root, footer);
  const fields = flat.target(root, 1);
  if (fields !== null) checkTypes(flat, fields, 1);
  for (const index of [2, 3]) {
    const { at, count } = flat.vector(root, index, 24);
    for (let block = at; block < at + 24 * count; block += 24) {
      const offset = flat.long(block), body = flat.long(block + 16);
      if (offset < 0 || offset > begin || body < 0) throw new RangeError("a block out of the file");
      const from = offset + (view.getInt32(offset, true) === -1 ? 4 : 0);
      const length = view.getInt32(from, true);
      const data = from + 4 + length;
      if (length <= 0 || data + body > begin) throw new RangeError("a block out of the file");
      if (checkMessage(bytes.subarray(from + 4, data)) > body) {
        throw new RangeError("a body out of its block");
      }
    }
  }
}

/** Checks a message's metadata and gives the bytes of its body. Throws `RangeError`. */
function checkMessage(metadata: Uint8Array): number {
  const flat = new FlatBytes(metadata);
  const root = flat.root();
  flat.check(root, message);
  const kindAt = flat.field(root, 1, 1), bodyAt = flat.field(root, 3, 8);
  const kind = kindAt === null ? 0 : flat.byte(kindAt);
  const body = bodyAt === null ? 0 : flat.long(bodyAt);
  const header = flat.target(root, 2);
  if (body < 0 || !Number.isSafeInteger(body)) throw new RangeError("a body of no size");
  if (header === null) throw new RangeError("no header");
  if (kind === HEADER.schema) {
    flat.check(header, schema);
    checkTypes(flat, header, 1);
  } else if (kind === HEADER.batch) {
    flat.check(header, batch);
    checkBatch(flat, header, body);
  } else if (kind === HEADER.dictionary) {
    flat.check(header, dictionary);
    const data = flat.target(header, 1);
    if (data !== null) checkBatch(flat, data, body);
  } else throw new RangeError("a message of an unknown kind");
  return body;
}

/** Checks the type of each field of a schema or of a field: they have been followed already. */
function checkTypes(flat: FlatBytes, table: number, index: number): void {
  const { at, count } = flat.vector(table, index, 4);
  for (let item = at; item < at + 4 * count; item += 4) {
    const each = item + flat.uint(item);
    const kindAt = flat.field(each, 2, 1), typed = flat.target(each, 3);
    if (typed !== null) {
      const kind = kindAt === null ? 0 : flat.byte(kindAt);
      flat.check(
        typed,
        kind === type.timestamp ? [2, "text"] : kind === type.union ? [2, { items: 4 }] : [],
      );
    }
    checkTypes(flat, each, 5);
  }
}

function checkBatch(flat: FlatBytes, header: number, body: number): void {
  const lengthAt = flat.field(header, 0, 8);
  const compressed = flat.target(header, 3) !== null;
  const lengths = [lengthAt === null ? 0 : flat.long(lengthAt)];
  const nodes = flat.vector(header, 1, 16), buffers = flat.vector(header, 2, 16);
  for (let node = 0; node < nodes.count; node++) lengths.push(flat.long(nodes.at + 16 * node));
  for (const length of lengths) {
    if (length < 0 || !compressed && length > ROWS_A_BYTE * body) {
      throw new RangeError(`${length} values in ${body} bytes`);
    }
  }
  for (let buffer = 0; buffer < buffers.count; buffer++) {
    const at = flat.long(buffers.at + 16 * buffer), size = flat.long(buffers.at + 16 * buffer + 8);
    if (at < 0 || size < 0 || at + size > body) throw new RangeError("a buffer out of its body");
  }
}

const int32 = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true);

const latin1 = new TextDecoder("latin1");

/** Chunks of bytes, taken in pieces of other sizes. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** So many bytes, left where they are; fewer at the end. */
  async peek(count: number): Promise<Uint8Array> {
    const pieces = [this.#rest];
    let held = this.#rest.length;
    while (held < count) {
      const { value, done } = await this.#chunks.next();
      if (done) break;
      pieces.push(value);
      held += value.length;
    }
    if (pieces.length > 1) this.#rest = join(pieces, held);
    return this.#rest.subarray(0, count);
  }

  /** So many bytes; fewer at the end. */
  async take(count: number): Promise<Uint8Array> {
    const bytes = (await this.peek(count)).slice();
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** At most so many bytes, those that are at hand; none at the end. */
  async some(count: number): Promise<Uint8Array> {
    if (this.#rest.length === 0) await this.peek(1);
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }
}
