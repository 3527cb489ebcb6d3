/** A tokenizer's folder of a few kilobytes: bytes as tokens, ChatML's tags, any template. */
import { join } from "node:path";
import type { Variant } from "../../lib/core/records.ts";

const SPECIAL = ["<|bos|>", "<|im_start|>", "<|im_end|>"];

/** ChatML with a BOS. */
export const CHATML = "{{ bos_token }}{% for message in messages %}" +
  "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/** As CHATML, but the last reply loses all up to `</think>`. */
export const DROPS_THOUGHT = CHATML.replace(
  "{{ message.content }}",
  "{{ message.content.split('</think>')[-1] }}",
);

/** As CHATML, but replies are written twice. */
export const DOUBLES_THOUGHT = CHATML.replace(
  "{{ message.content }}",
  "{{ message.content }}{% if message.role == 'assistant' %}{{ message.content }}{% endif %}",
);

/** As CHATML, but the generation prompt opens a thought that the whole does not have. */
export const OPENS_THOUGHT = CHATML.replace(
  "assistant\n{% endif %}",
  "assistant\n<think>\nHm.{% endif %}",
);

/** Makes the folder; `variant` makes it a prompted model's. */
export async function makeTokenizer(
  dir: string,
  options: { template?: string; variant?: Variant } = {},
): Promise<string> {
  await Deno.mkdir(dir, { recursive: true });
  const vocab: Record<string, number> = {};
  const bytes = byteCharacters();
  for (const [index, character] of bytes.entries()) vocab[character] = index;
  const added = SPECIAL.map((content, index) => ({
    id: bytes.length + index,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true };
  const write = (name: string, value: unknown) =>
    Deno.writeTextFile(join(dir, name), JSON.stringify(value));
  await write("tokenizer.json", {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { ...byteLevel, use_regex: true },
    post_processor: null,
    decoder: { ...byteLevel, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: [],
    },
  });
  await write("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: SPECIAL[0],
    eos_token: SPECIAL[2],
    pad_token: SPECIAL[2],
    chat_template: options.template ?? CHATML,
  });
  if (options.variant !== undefined) {
    await write("longcot_config.json", {
      longcot: true,
      longcot_delimiter: "<response>",
      end_delimiter: "</response>",
      start_think_marker: options.variant === "think" ? "<think>" : "",
    });
  }
  return dir;
}

/** The printable characters that stand for the 256 bytes in byte-level BPE. */
function byteCharacters(): string[] {
  const isPrintable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from(
    { length: 256 },
    (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++),
  );
}
