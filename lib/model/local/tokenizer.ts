/** A folder's tokenizer, as transformers.js loads it. */
import { AutoTokenizer } from "@huggingface/transformers";
import { join, resolve } from "node:path";
import { InputError, messageOf } from "../../core/errors.ts";
import { checkTokenizerPatterns } from "../../io/tokenizer/tokenizer_patterns.ts";

/** Text to token ids and back. */
export interface Tokenizer {
  readonly bosToken: string | null;
  readonly eosId: number | null;
  /** Tokens that `decode` leaves out. */
  readonly specialIds: ReadonlySet<number>;
  /**
   * Special tokens that stand in the text are read as such; `addSpecial` also adds those that the
   * tokenizer puts around every text (BOS).
   */
  encode(text: string, options?: { addSpecial: boolean }): number[];
  /** The text of tokens, special ones left out, white space exactly as it was generated. */
  decode(ids: readonly number[]): string;
}

/** Loads `tokenizer.json` and `tokenizer_config.json`. Throws `InputError` where it cannot. */
export async function loadTokenizer(dir: string): Promise<Tokenizer> {
  await checkTokenizerPatterns(join(dir, "tokenizer.json"));
  const inner = await AutoTokenizer.from_pretrained(resolve(dir), { local_files_only: true })
    .catch((error) => {
      throw new InputError(`${dir}: its tokenizer cannot be read: ${messageOf(error)}`);
    });
  const { bos_token, eos_token_id } = inner as unknown as {
    bos_token?: string | null;
    eos_token_id?: number | null;
  };
  return {
    bosToken: bos_token ?? null,
    eosId: eos_token_id ?? null,
    specialIds: new Set(inner.all_special_ids),
    encode: (text, options) =>
      inner.encode(text, { add_special_tokens: options?.addSpecial ?? false }),
    decode: (ids) =>
      ids.length === 0 ? "" : inner.decode([...ids], {
        skip_special_tokens: true,
        clean_up_tokenization_spaces: false,
      }),
  };
}
