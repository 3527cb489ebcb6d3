/** Many short pieces of bytes in few buffers, which are used again. */

const CHUNK = 1 << 20;

/**
 * Gives out pieces of chunks of a megabyte. A buffer for each piece costs twice the time, and leaves
 * the garbage collector much to do outside of its heap.
 */
export class ByteArena {
  #chunks = [new Uint8Array(CHUNK)];
  /** The chunk that is being filled, and how far. */
  #at = 0;
  #end = 0;

  /** A text in UTF-8. */
  encode(text: string): Uint8Array {
    return this.#keep(encoder.encodeInto(text, this.#room(3 * text.length)).written);
  }

  /** The same bytes in a piece of their own. */
  copy(bytes: Uint8Array): Uint8Array {
    this.#room(bytes.length).set(bytes);
    return this.#keep(bytes.length);
  }

  /** Takes all pieces back: their bytes are overwritten by those to come. */
  reset(): void {
    this.#at = 0;
    this.#end = 0;
  }

  /** Room for at least so many bytes, to be written before the next call. */
  #room(most: number): Uint8Array {
    if (most > this.#chunks[this.#at]!.length - this.#end) {
      this.#at++;
      this.#end = 0;
      if (most > (this.#chunks[this.#at]?.length ?? 0)) {
        this.#chunks[this.#at] = new Uint8Array(Math.max(CHUNK, most));
      }
    }
    return this.#chunks[this.#at]!.subarray(this.#end);
  }

  /** The first so many bytes of the room given last. */
  #keep(length: number): Uint8Array {
    const begin = this.#end;
    this.#end += length;
    return this.#chunks[this.#at]!.subarray(begin, this.#end);
  }
}

const encoder = new TextEncoder();
