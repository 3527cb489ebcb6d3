/** Exact token counts of one tokenizer, in the official library's own code. */
import { Buffer } from "node:buffer";
import type { Tokenizer } from "tokenizers";
import { openNativeTokenizer } from "../../io/tokenizer/native_tokenizer.ts";
import { BytePlaces } from "./byte_places.ts";
import {
  isByteLevel,
  readTokenizerSettings,
  tokenizerFile,
  type TokenizerSettings,
} from "./tokenizer_file.ts";

/** The special tokens that a post-processor may add to a text (BOS and EOS), with room. */
const ADDED = 4;

/** Counts tokens; the vocabulary is loaded when it is first needed. */
export class TokenCounter {
  readonly #path: string;
  /** Whether the text is put into Unicode's NFC first. */
  readonly #normalizes: boolean;
  /** Whether a text never has more tokens than UTF-8 bytes (in NFC, special tokens aside). */
  readonly countsBytesAtMost: boolean;
  readonly #added: ReadonlyMap<number, string>;
  #tokenizer: Promise<Tokenizer> | undefined;
  #places: BytePlaces | undefined;

  private constructor(dir: string, settings: TokenizerSettings) {
    this.#path = tokenizerFile(dir);
    this.#added = addedTokens(settings);
    this.#normalizes = settings.normalizer !== null;
    this.countsBytesAtMost = isByteLevel(settings);
  }

  /** Of the tokenizer in a folder. Throws `InputError` where it cannot be read. */
  static async open(dir: string): Promise<TokenCounter> {
    return new TokenCounter(dir, await readTokenizerSettings(dir));
  }

  /**
   * A number that the text's token count does not exceed, special tokens that are added included:
   * byte-level BPE gives at most one token a byte.
   */
  atMost(text: string): number {
    if (!this.countsBytesAtMost) return Infinity;
    const bytes = utf8Length(text), isAscii = bytes === text.length;
    return (this.#normalizes && !isAscii ? utf8Length(text.normalize("NFC")) : bytes) + ADDED;
  }

  /** The token counts of texts, on as many cores as there are. */
  async counts(texts: readonly string[], addSpecialTokens: boolean): Promise<number[]> {
    if (texts.length === 0) return [];
    const tokenizer = await this.#open();
    const encodings = await tokenizer.encodeBatch([...texts], { addSpecialTokens });
    return encodings.map((encoding) => encoding.getLength());
  }

  /**
   * The tokens of texts and where each stands in its text, in UTF-16 units. `addSpecialTokens` as
   * the tokenizer's own. Where `exact` is not set, white space at a token's edge may count as the
   * token's where the tokenizer's own offsets leave it out.
   */
  async encodings(
    texts: readonly string[],
    addSpecialTokens: boolean,
    { exact = false }: { exact?: boolean } = {},
  ): Promise<{ ids: number[]; starts: number[]; ends: number[] }[]> {
    if (texts.length === 0) return [];
    const tokenizer = await this.#open();
    const encodings = await tokenizer.encodeBatch([...texts], { addSpecialTokens });
    const places = exact || !this.countsBytesAtMost
      ? undefined
      : this.#places ??= new BytePlaces((id) => tokenizer.idToToken(id) ?? "", this.#added);
    return encodings.map((encoding, index) => {
      const text = texts[index]!, ids = encoding.getIds();
      const counted = this.#normalizes && text.normalize("NFC") !== text
        ? null
        : places?.of(text, ids);
      if (counted) return { ids, ...counted };
      const place = utf16Places(text);
      const offsets = encoding.getOffsets() as [number, number][];
      return {
        ids,
        starts: offsets.map(([start]) => place(start)),
        ends: offsets.map(([, end]) => place(end)),
      };
    });
  }

  /** The ids of a text, without special tokens. */
  async ids(text: string): Promise<number[]> {
    const tokenizer = await this.#open();
    return (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds();
  }

  #open(): Promise<Tokenizer> {
    return this.#tokenizer ??= openNativeTokenizer(this.#path);
  }
}

/** The tokens that are written as they are, by id. */
function addedTokens({ added_tokens }: TokenizerSettings): Map<number, string> {
  const tokens = (Array.isArray(added_tokens) ? added_tokens : []) as Partial<
    Record<"id" | "content", unknown>
  >[];
  return new Map(
    tokens.flatMap(({ id, content }) =>
      typeof id === "number" && typeof content === "string" ? [[id, content]] : []
    ),
  );
}

/** The library counts characters; above U+FFFF they are two UTF-16 units each. */
function utf16Places(text: string): (character: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (at) => at;
  const places: number[] = [];
  let at = 0;
  for (const character of text) {
    places.push(at);
    at += character.length;
  }
  places.push(at);
  return (character) => places[character] ?? text.length;
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text);
}
