/** Text files as a stream of lines, in memory bounded by the longest line. */
import { InputError } from "../../core/errors.ts";
import { readBytes, type ReadBytesOptions } from "../disk/bytes.ts";

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
    let begin = 0;
    for (let next = afterLine(chunk, 0); next > 0; next = afterLine(chunk, begin)) {
      let bytes = chunk.subarray(begin, next);
      begin = next;
      if (held > 0) {
        // The line goes on from the chunk before.
        bytes = join([...pieces, bytes], held + bytes.length);
        pieces = [];
        held = 0;
      }
      const text = decodeUtf8(bytes.subarray(0, -1), () => `${path}:${line + 1}`);
      yield lineOf(text, bytes.length, true);
    }
    if (begin < chunk.length) {
      pieces.push(chunk.slice(begin));
      held += chunk.length - begin;
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

/** Where the line that holds a place ends, its line feed included; 0 where the chunk ends before. */
function afterLine(chunk: Uint8Array, at: number): number {
  return chunk.indexOf(LF, at) + 1;
}

/**
 * Bytes as text.
 *
 * @throws {InputError} `WHERE: not UTF-8` where they are not.
 */
export function decodeUtf8(bytes: Uint8Array, where: () => string): string {
  const text = lenient.decode(bytes);
  // The strict decoder, many times slower, tells whether the bytes held the character themselves.
  if (!text.includes("\ufffd")) return text;
  try {
    return strict.decode(bytes);
  } catch {
    throw new InputError(`${where()}: not UTF-8 text`);
  }
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
