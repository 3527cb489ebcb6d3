/** A reply's text while its tokens come, and the stop strings in it. */
import type { Tokenizer } from "./tokenizer.ts";

/** Prompt tokens that are decoded along, so that a tokenizer keeps the reply's first space. */
const CONTEXT = 6;
const REPLACEMENT = "\ufffd";

/** Finds, by token, whether its text could hold the last character of a stop string. */
export class StopFinder {
  readonly stops: readonly string[];
  readonly #tokenizer: Tokenizer;
  readonly #lasts: string[];
  readonly #known = new Map<number, boolean>();

  constructor(tokenizer: Tokenizer, stops: readonly string[]) {
    this.#tokenizer = tokenizer;
    this.stops = stops.filter((stop) => stop !== "");
    this.#lasts = this.stops.map((stop) => stop.at(-1)!);
  }

  /** False only where no stop string can end within this token. */
  mayEnd(token: number): boolean {
    let may = this.#known.get(token);
    if (may === undefined) {
      const text = this.#tokenizer.decode([token]);
      // A lone token may lose a space at its start, and holds characters only in part.
      may = text.includes(REPLACEMENT) ||
        this.#lasts.some((last) => last.trim() === "" || text.includes(last));
      this.#known.set(token, may);
    }
    return may;
  }

  /** The first stop string to begin in `text`, at `from` or later. */
  find(text: string, from: number): { start: number; end: number } | null {
    let found: { start: number; end: number } | null = null;
    for (const stop of this.stops) {
      const start = text.indexOf(stop, from);
      if (start >= 0 && (found === null || start < found.start)) {
        found = { start, end: start + stop.length };
      }
    }
    return found;
  }
}

/** The text of one reply, decoded as it grows: characters of several tokens come out whole. */
export class ReplyText {
  readonly #tokenizer: Tokenizer;
  readonly #finder: StopFinder;
  readonly #longestStop: number;
  /** Tokens from a little before the undecoded ones. */
  #window: number[];
  /** How many of the window's tokens are part of `#text` already. */
  #read: number;
  #text = "";
  #searched = 0;
  #mayEnd = false;

  constructor(tokenizer: Tokenizer, finder: StopFinder, prompt: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#finder = finder;
    this.#longestStop = Math.max(0, ...finder.stops.map((stop) => stop.length));
    this.#window = prompt.slice(-CONTEXT);
    this.#read = this.#window.length;
  }

  add(token: number): void {
    this.#window.push(token);
    if (this.#finder.stops.length > 0 && this.#finder.mayEnd(token)) this.#mayEnd = true;
  }

  /** Where the first stop string stands, if one does now. */
  findStop(): { start: number; end: number } | null {
    if (!this.#mayEnd) return null;
    this.#mayEnd = false;
    const from = Math.max(0, this.#searched - this.#longestStop + 1);
    const found = this.#finder.find(this.whole(), from);
    this.#searched = this.#text.length;
    return found;
  }

  /** All of the text so far; a character that is not whole (yet) is U+FFFD. */
  whole(): string {
    if (this.#read === this.#window.length) return this.#text;
    const known = this.#tokenizer.decode(this.#window.slice(0, this.#read));
    const rest = this.#tokenizer.decode(this.#window).slice(known.length);
    // What ends in half a character is decoded again when more of it is there.
    if (rest.endsWith(REPLACEMENT)) return this.#text + rest;
    this.#text += rest;
    this.#window = this.#window.slice(this.#read);
    this.#read = this.#window.length;
    return this.#text;
  }
}
