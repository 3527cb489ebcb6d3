/** Many short pieces of bytes in few buffers. */

const CHUNK = 1 << 20;

/**
 * Gives out pieces of chunks of a megabyte. A buffer for each piece costs twice the time, and leaves
 * the garbage collector much to do outside of its heap. A piece keeps its whole chunk alive.
 */
export class ByteArena {
  #chunk = new Uint8Array(CHUNK);
  #end = 0;

  /** Room for at least so many bytes, to be written before the next call. */
  room(most: number): Uint8Array {
    if (most > this.#chunk.length - this.#end) {
      this.#chunk = new Uint8Array(Math.max(CHUNK, most));
      this.#end = 0;
    }
    return this.#chunk.subarray(this.#end);
  }

  /** The first so many bytes of the room given last. */
  keep(length: number): Uint8Array {
    const begin = this.#end;
    this.#end += length;
    return this.#chunk.subarray(begin, this.#end);
  }

  /** A text in UTF-8. */
  encode(text: string): Uint8Array {
    return this.keep(encoder.encodeInto(text, this.room(3 * text.length)).written);
  }
}

const encoder = new TextEncoder();
