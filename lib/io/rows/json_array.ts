/** A large top-level JSON array as a stream of its elements, in memory bounded by the largest. */
import { InputError } from "../../core/errors.ts";
import { readBytes, type ReadBytesOptions } from "../disk/bytes.ts";
import { decodeUtf8, join, MAX_ROW_BYTES } from "./lines.ts";
import { parseJson } from "./parse_json.ts";

const QUOTE = 0x22, COMMA = 0x2c, BACKSLASH = 0x5c, OPEN_LIST = 0x5b, CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b, CLOSE_OBJECT = 0x7d;

/** An element of the array. */
export interface Element {
  value: unknown;
  /** 1-based place in the array. */
  row: number;
}

/**
 * Streams the elements of a file that holds one JSON array, plain or gzip. A JavaScript string
 * holds 536.8 million characters, so the whole file is never one string.
 *
 * @throws {InputError} where the file holds no array, an element is not JSON, the array is cut
 * short, or something follows it; each names the file and the row.
 */
export async function* readJsonArray(
  path: string,
  options: ReadBytesOptions = {},
): AsyncGenerator<Element> {
  yield* jsonElements(readBytes(path, { ...options, reuse: true }), path);
}

/**
 * The elements of a JSON array whose bytes arrive in chunks, each of which may be overwritten once
 * the next is asked for; `path` names it in errors.
 */
export async function* jsonElements(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<Element> {
  const splitter = new ArraySplitter(path);
  for await (const chunk of chunks) yield* splitter.push(chunk);
  splitter.end();
}

/** Finds where elements begin and end; JSON.parse then judges each. */
class ArraySplitter {
  #state: "before" | "first" | "element" | "next" | "after" = "before";
  #depth = 0;
  #inString = false;
  #escaped = false;
  #row = 0;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #mark = 0;

  constructor(readonly path: string) {}

  *push(chunk: Uint8Array): Generator<Element> {
    const length = chunk.length;
    let at = 0;
    let begin = this.#state === "element" ? 0 : -1;
    while (at < length) {
      if (this.#inString) {
        at = this.#skipString(chunk, at);
        continue;
      }
      const byte = chunk[at]!;
      if (this.#state === "element") {
        if (byte === QUOTE) this.#inString = true;
        else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth++;
        else if (this.#depth > 0) {
          if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth--;
        } else if (byte === COMMA || byte === CLOSE_LIST) {
          yield this.#element(chunk.subarray(begin, at));
          begin = -1;
          this.#state = byte === COMMA ? "next" : "after";
        }
        at++;
      } else if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
        at++;
      } else if (this.#state === "before") {
        at += this.#opening(chunk, at);
      } else if (this.#state === "after") {
        throw new InputError(`${this.path}: text follows the JSON array's end`);
      } else if (byte === CLOSE_LIST) {
        if (this.#state === "next") throw this.#fault("a value is missing after the last comma");
        this.#state = "after";
        at++;
      } else {
        this.#state = "element";
        begin = at;
      }
    }
    if (begin >= 0) this.#hold(chunk.slice(begin));
  }

  end(): void {
    if (this.#state === "after") return;
    if (this.#state === "before") throw new InputError(`${this.path}: the file is empty`);
    const place = this.#state === "element" ? `row ${this.#row + 1}` : `after row ${this.#row}`;
    throw new InputError(`${this.path} ${place}: the JSON array is cut short`);
  }

  /** Takes the first byte that is not white space; returns how many bytes it took. */
  #opening(chunk: Uint8Array, at: number): number {
    const byte = chunk[at]!;
    const bom = [0xef, 0xbb, 0xbf];
    if (this.#mark < 3 && byte === bom[this.#mark]) {
      this.#mark++;
      return 1;
    }
    if (byte === OPEN_LIST) {
      this.#state = "first";
      return 1;
    }
    if (byte === OPEN_OBJECT) {
      throw new InputError(`${this.path}: holds one JSON object, not an array of rows`);
    }
    throw new InputError(`${this.path}: not a JSON array: it must begin with [`);
  }

  /** Moves past a string's text up to and over its closing quote, or to the chunk's end. */
  #skipString(chunk: Uint8Array, at: number): number {
    const quote = chunk.indexOf(QUOTE, at), end = quote < 0 ? chunk.length : quote;
    let backslashes = 0;
    while (end - backslashes > at && chunk[end - backslashes - 1] === BACKSLASH) backslashes++;
    // Where the string's part here is backslashes alone, the one before it may have escaped the first.
    const escapes = end - backslashes === at && this.#escaped ? backslashes + 1 : backslashes;
    this.#escaped = escapes % 2 === 1 && quote < 0;
    if (quote < 0) return end;
    this.#inString = escapes % 2 === 1;
    return quote + 1;
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_ROW_BYTES) throw this.#fault("a row of more than 500 MB");
  }

  #element(tail: Uint8Array): Element {
    this.#hold(tail);
    const bytes = join(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    const where = `${this.path} row ${++this.#row}`;
    return { value: parseJson(decodeUtf8(bytes, () => where), where), row: this.#row };
  }

  #fault(rule: string): InputError {
    return new InputError(`${this.path} row ${this.#row + 1}: ${rule}`);
  }
}
