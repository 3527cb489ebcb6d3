/** Text files as a stream of lines, in memory bounded by the longest line. */
import { Buffer } from "node:buffer";
import { InputError } from "../core/errors.ts";
import { readBytes, type ReadBytesOptions } from "./bytes.ts";

/** A line of a text file. */
export interface Line {
  /** Without its line end (LF or CRLF); the file's byte order mark is not part of it. */
  text: string;
  /** 1-based. */
  line: number;
  /** Where the line begins, in bytes of the (gunzipped) text, a byte order mark counted. */
  offset: number;
  /** Where the next line begins. */
  end: number;
  /** False for a last line without a line end: a writer may have been cut off there. */
  terminated: boolean;
}

/** A row that is longer than this cannot become a JavaScript string; said plainly before it fails. */
export const MAX_ROW_BYTES = 500_000_000;

/** Texts of more than 128 kB are large objects to V8, which outlive collections of young ones. */
const BLOCK = 96 << 10;
const LF = 10;

/**
 * Streams the lines of a UTF-8 text file, plain or gzip, with their numbers and byte offsets.
 * Empty lines are yielded too.
 *
 * @throws {InputError} for files that cannot be read, broken gzip, bytes that are not UTF-8 (naming
 * the line), and lines over 500 MB.
 */
export async function* readLines(
  path: string,
  options: ReadBytesOptions = {},
): AsyncGenerator<Line> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  let line = 0;
  let offset = 0;
  const lineOf = (text: string, length: number, terminated: boolean): Line => {
    line++;
    const begin = offset;
    offset += length;
    if (line === 1 && text[0] === "\ufeff") text = text.slice(1);
    if (terminated && text.endsWith("\r")) text = text.slice(0, -1);
    return { text, line, offset: begin, end: offset, terminated };
  };
  for await (const chunk of readBytes(path, { ...options, reuse: true })) {
    const end = chunk.lastIndexOf(LF) + 1;
    // Only the line that goes on from the chunk before is copied.
    const first = held > 0 && end > 0 ? chunk.indexOf(LF) + 1 : 0;
    if (first > 0) {
      pieces.push(chunk.subarray(0, first));
      const bytes = join(pieces, held + first);
      pieces = [];
      held = 0;
      const text = decodeUtf8(bytes.subarray(0, -1), () => `${path}:${line + 1}`);
      yield lineOf(text, bytes.length, true);
    }
    for (let at = first; at < end;) {
      const to = endOfBlock(chunk, at, end);
      const block = chunk.subarray(at, to);
      at = to;
      // Whole blocks are decoded and cut as text: several times faster than line by line.
      const text = decodeIfSound(block);
      if (text === null) {
        for (const bytes of cut(block)) {
          const text = decodeUtf8(bytes.subarray(0, -1), () => `${path}:${line + 1}`);
          yield lineOf(text, bytes.length, true);
        }
      } else {
        const isAscii = text.length === block.length;
        for (let begin = 0, at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", begin)) {
          const own = text.slice(begin, at);
          yield lineOf(own, (isAscii ? own.length : Buffer.byteLength(own)) + 1, true);
          begin = at + 1;
        }
      }
    }
    if (end < chunk.length) {
      pieces.push(chunk.slice(end));
      held += chunk.length - end;
      if (held > MAX_ROW_BYTES) {
        throw new InputError(`${path}:${line + 1}: a line of more than 500 MB; is a newline lost?`);
      }
    }
  }
  if (held > 0) {
    const text = decodeUtf8(join(pieces, held), () => `${path}:${line + 1}`);
    yield lineOf(text, held, false);
  }
}

/** Where a block of whole lines ends that begins at `at`; `end` follows the chunk's last line feed. */
function endOfBlock(chunk: Uint8Array, at: number, end: number): number {
  if (end - at <= BLOCK) return end;
  const last = chunk.lastIndexOf(LF, at + BLOCK - 1) + 1;
  return last > at ? last : chunk.indexOf(LF, at) + 1;
}

/** The lines of a block that ends with a line feed, theirs included. */
function* cut(block: Uint8Array): Generator<Uint8Array> {
  for (let begin = 0; begin < block.length;) {
    const end = block.indexOf(LF, begin) + 1;
    yield block.subarray(begin, end);
    begin = end;
  }
}

/**
 * Bytes as text.
 *
 * @throws {InputError} `WHERE: not UTF-8` where they are not.
 */
export function decodeUtf8(bytes: Uint8Array, where: () => string): string {
  const text = decodeIfSound(bytes);
  if (text !== null) return text;
  try {
    return strict.decode(bytes);
  } catch {
    throw new InputError(`${where()}: not UTF-8 text`);
  }
}

/**
 * Bytes as text, or null where that holds a replacement character: then the strict decoder, which
 * is many times slower, tells whether the bytes held it.
 */
function decodeIfSound(bytes: Uint8Array): string | null {
  const text = lenient.decode(bytes);
  return text.includes("\ufffd") ? null : text;
}

/** Several pieces as one array of `length` bytes. */
export function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
