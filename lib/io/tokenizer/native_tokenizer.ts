/** A tokenizer.json in Hugging Face's own code, the package `tokenizers`. */
import type { Tokenizer } from "tokenizers";
import { InputError, messageOf } from "../../core/errors.ts";
import { checkTokenizerPatterns } from "./tokenizer_patterns.ts";

/** Opens a tokenizer.json. Throws `InputError` where it is none, or one that could run for ever. */
export async function openNativeTokenizer(path: string): Promise<Tokenizer> {
  await checkTokenizerPatterns(path);
  // Loaded when needed: a native library.
  const { default: tokenizers } = await import("tokenizers");
  try {
    return tokenizers.Tokenizer.fromFile(path);
  } catch (error) {
    throw new InputError(`${path}: not a tokenizer: ${messageOf(error)}`);
  }
}
