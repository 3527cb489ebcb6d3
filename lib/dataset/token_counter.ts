/** Exact token counts of one tokenizer, in the official library's own code. */
import { Buffer } from "node:buffer";
import type { Tokenizer } from "tokenizers";
import { InputError, messageOf } from "../core/errors.ts";
import { isByteLevel, readTokenizerSettings, tokenizerFile } from "./tokenizer_file.ts";

/** Exact token counts of one tokenizer, in the official library's own code. */
export class TokenCounter {
  readonly #dir: string;
  #tokenizer: Promise<Tokenizer> | undefined;
  #bound: ((text: string) => number) | undefined;
  /** Texts whose tokens were counted; the others were short enough by their bytes. */
  counted = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Whether a text has more than `max` tokens. Tokens are counted only where the bytes leave it
   * open: byte-level BPE gives at most one token a byte.
   */
  async exceeds(text: string, max: number, addSpecialTokens: boolean): Promise<boolean> {
    if ((await this.#boundOf())(text) <= max) return false;
    this.counted++;
    return (await this.ids(text, addSpecialTokens)).length > max;
  }

  /** Whether a text never has more tokens than UTF-8 bytes (in NFC, special tokens aside). */
  async countsBytesAtMost(): Promise<boolean> {
    return (await this.#boundOf())("") < Infinity;
  }

  /** The ids of a text. */
  async ids(text: string, addSpecialTokens = false): Promise<number[]> {
    const tokenizer = await (this.#tokenizer ??= this.#open());
    return (await tokenizer.encode(text, null, { addSpecialTokens })).getIds();
  }

  /** A number that no text's token count exceeds, special tokens that are added included. */
  async #boundOf(): Promise<(text: string) => number> {
    if (this.#bound !== undefined) return this.#bound;
    const settings = await readTokenizerSettings(this.#dir);
    this.#bound = !isByteLevel(settings)
      ? () => Infinity
      : settings.normalizer === null
      ? (text) => utf8Length(text) + ADDED
      : (text) => utf8Length(text.normalize("NFC")) + ADDED;
    return this.#bound;
  }

  async #open(): Promise<Tokenizer> {
    const path = tokenizerFile(this.#dir);
    const { default: tokenizers } = await import("tokenizers");
    try {
      return tokenizers.Tokenizer.fromFile(path);
    } catch (error) {
      throw new InputError(`${path}: not a tokenizer: ${messageOf(error)}`);
    }
  }
}

/** The special tokens that a post-processor may add to a text (BOS and EOS), with room. */
const ADDED = 4;

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}
