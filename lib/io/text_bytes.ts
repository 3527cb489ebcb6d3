/** UTF-8 of many texts in few buffers. */

const CHUNK = 1 << 20;

/**
 * Encodes texts end to end into chunks of a megabyte. A buffer a text, as `TextEncoder` gives them,
 * costs twice the time and leaves the garbage collector much to do outside of its heap.
 */
export class TextBytes {
  #chunk = new Uint8Array(CHUNK);
  #end = 0;

  /** The text's bytes; they keep the chunk that they lie in alive. */
  encode(text: string): Uint8Array {
    const most = 3 * text.length;
    if (most > this.#chunk.length - this.#end) {
      this.#chunk = new Uint8Array(Math.max(CHUNK, most));
      this.#end = 0;
    }
    const begin = this.#end;
    this.#end += encoder.encodeInto(text, this.#chunk.subarray(begin)).written;
    return this.#chunk.subarray(begin, this.#end);
  }
}

const encoder = new TextEncoder();
