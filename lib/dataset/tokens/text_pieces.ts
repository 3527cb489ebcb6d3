/** Where a tokenizer cuts a text before it looks for tokens, known without its vocabulary. */
import type { Tokenizer } from "tokenizers";
import { checkPatterns } from "../../io/tokenizer/tokenizer_patterns.ts";
import { isByteLevel, readTokenizerSettings, tokenizerFile } from "./tokenizer_file.ts";

/**
 * A byte-level BPE tokenizer first takes out its added tokens and cuts the rest into pieces (words,
 * white space, signs); tokens never reach over a cut. The official library does the cutting here,
 * with a vocabulary of the 256 bytes alone: that takes a few milliseconds where the whole
 * vocabulary of 128,256 takes half a second and 95 MB.
 */
export class TextPieces {
  readonly #dir: string;
  #cutter: Promise<Tokenizer | null> | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Whether a cut lies between two texts, and the first is cut with the second after it as it is
   * by itself: then its tokens are a prefix of those of both. False also where the tokenizer is
   * of another kind.
   */
  async areApart(before: string, after: string): Promise<boolean> {
    const cutter = await (this.#cutter ??= this.#open());
    if (cutter === null || before === "" || after === "") return false;
    const [alone, both] = [await piecesOf(cutter, before), await piecesOf(cutter, before + after)];
    const end = alone.length;
    return both.length > end && both[end]!.piece !== both[end - 1]!.piece &&
      alone.every(({ id, piece }, at) => both[at]!.id === id && both[at]!.piece === piece);
  }

  async #open(): Promise<Tokenizer | null> {
    const settings = await readTokenizerSettings(this.#dir);
    checkPatterns(tokenizerFile(this.#dir), settings);
    if (!isByteLevel(settings)) return null;
    const vocab = Object.fromEntries(byteSymbols().map((symbol, id) => [symbol, id]));
    const model = { ...settings.model, vocab, merges: [] };
    const { default: tokenizers } = await import("tokenizers");
    try {
      return tokenizers.Tokenizer.fromString(JSON.stringify({ ...settings, model }));
    } catch {
      return null;
    }
  }
}

/** A token for each byte and added token, and the piece that it belongs to. */
async function piecesOf(cutter: Tokenizer, text: string) {
  const encoding = await cutter.encode(text, null, { addSpecialTokens: false });
  const pieces = encoding.getWordIds();
  return encoding.getIds().map((id, at) => ({ id, piece: pieces[at] }));
}

/** The characters that stand for bytes in byte-level vocabularies (GPT-2's), in no order. */
function byteSymbols(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrinted = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCharCode(isPrinted ? byte : next++);
  });
}
